# A clinic and its operator for test scripts, to be sourced: a service as a process, with the virtual cards in its
# registry, and a registered device. Beside other ones, on a port of its own.
#
#   service_up          starts the service and issues settings; sets SERVICE (its pid), data and account
#   service_again       starts the service that was ended, on the same data; on another port
#   register_device     registers STAND/device
#   service_down        ends the service, if it runs
#   check [ARGUMENT …]  a check at READER; the PIN comes on standard input
#   refused PIN CODE …  a check that must end in CODE; its report lies in STAND/refused.json
#
# Needs SHIKAKU, the path of the built program; STAND, a folder; and READER, as `--reader` takes it. ORIGIN is what
# devices call the service, where that is not where it listens. All devices lie behind one address; PER_ADDRESS is how
# much it may ask in a minute, where that is more than usual.

# shellcheck source=tests/await.sh
source "$(dirname "${BASH_SOURCE[0]}")/await.sh"

SERVICE=

fail() { echo "FAILED: $*" >&2; exit 1; }
is() { [[ $2 == "$3" ]] || fail "$1: expected $3, found $2"; }
field() { python3 -c 'import json,sys; v=json.load(sys.stdin)
for k in sys.argv[1].split("."): v=v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$1"; }
admin() { "$SHIKAKU" admin --data "$data" --as test --json "$@" >"$STAND/admin.json"; }
check() { "$SHIKAKU" check --reader "$READER" --device "$STAND/device" --pin-stdin --json "$@" 2>"$STAND/check.log"; }
refused() {
    local pin=$1 code=$2 status=0
    shift 2
    echo "$pin" | check "$@" >"$STAND/refused.json" || status=$?
    is "exit status of $code" "$status" 2
    is code "$(field error.code <"$STAND/refused.json")" "$code"
}
listening() { [[ -s $STAND/serve.out ]]; }

service_again() {
    rm -f "$STAND/serve.out"
    "$SHIKAKU" serve --data "$data" --listen 127.0.0.1:0 ${ORIGIN:+--origin "$ORIGIN"} \
        ${PER_ADDRESS:+--per-address "$PER_ADDRESS"} --json \
        2>>"$STAND/serve.log" >"$STAND/serve.out" &
    SERVICE=$!
    await "the service" listening
}

service_up() {
    local terms
    terms=$(dirname "${BASH_SOURCE[0]}")/../docs/ja/terms.md
    data=$STAND/service
    mkdir "$STAND/materials"
    "$SHIKAKU" virtual-card --export "$STAND/materials"
    service_again
    admin anchor add "$STAND/materials/root.der"
    admin anchor add "$STAND/materials/surface-root.cv"
    admin crl load "$STAND/materials/crl.der"
    admin terms add "$terms"
    admin institution add --test 4810000001 動作確認_医科
    admin registry import "$STAND/materials/registry.jsonl" --mode replace
    admin account issue 4810000001 --name 受付1
    account=$("$SHIKAKU" admin --data "$data" --json account list | python3 -c 'import json,sys
v=json.load(sys.stdin); v=v if isinstance(v, list) else v["accounts"]; print(v[0].get("id") or v[0]["account"])')
    admin settings "$account" --jws "$STAND/settings.jws"
}

register_device() {
    "$SHIKAKU" register --trust "$data/trust.json" --test --settings "$STAND/settings.jws" --accept-terms 1 \
        --device "$STAND/device" --device-name 受付1 --json >"$STAND/registered.json" 2>"$STAND/register.log"
    is institution "$(field institution <"$STAND/registered.json")" 4810000001
}

service_down() {
    [[ -n $SERVICE ]] || return 0
    kill "$SERVICE" 2>/dev/null || true
    wait "$SERVICE" 2>/dev/null || true
    SERVICE=
}
