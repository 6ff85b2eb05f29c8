# A PC/SC stand of its own, to be sourced by test scripts: pcscd in a mount namespace, vpcd in it, and a
# virtual card in vpcd's slot. Runs beside any other pcscd and beside other stands; `stand_down` ends what it began.
#
#   stand_up               starts pcscd; sets STAND (a folder) and PCSCLITE_CSOCK_NAME; what pcscd sees of its slots lies
#                          in STAND/pcscd.log
#   pcscd_down, pcscd_up   ends pcscd, starts it again at the same place; pcscd_killed ends it in the middle of whatever it does
#   insert_card NAME|DIR [TROUBLE]
#                          lays a card in (a card that lies there is taken out first)
#   take_card              takes it out; sets CARD_TOTALS, what the card was asked, as one line of JSON
#   insert_second NAME     lays a card into the second reader; take_second takes it out
#   exchanges              prints how many commands the card that lies in has answered
#
# Needs SHIKAKU, the path of the built program.

# shellcheck source=tests/await.sh
source "$(dirname "${BASH_SOURCE[0]}")/../await.sh"

install_pcsc() {
    local packages=(pcscd vsmartcard-vpcd libpcsclite-dev pkg-config opensc openssl) missing=() package as_root=()
    for package in "${packages[@]}"; do
        dpkg-query --show --showformat '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || as_root=(sudo -n)
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq >/dev/null
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

stand_up() {
    STAND=$(mktemp -d)
    STAND_PIDS=()
    CARD_PID=
    SECOND_PID=
    PCSCD=
    STAND_PORT=$(free_port_pair)
    cat >"$STAND/reader.conf" <<-CONF
		FRIENDLYNAME "Shikaku"
		DEVICENAME /dev/null:$STAND_PORT
		LIBPATH $(dpkg -L vsmartcard-vpcd | grep -m 1 'libifdvpcd.so$')
		CHANNELID $STAND_PORT
	CONF
    # pcscd knows one socket path only; a mount namespace gives each stand its own. Without root a user
    # namespace lends the right to mount. The namespace outlives pcscd, so that it can be started again in it.
    local own=()
    STAND_ENTER=(--mount --root)
    ((EUID == 0)) || { own=(--map-root-user); STAND_ENTER+=(--user --preserve-credentials); }
    unshare --mount "${own[@]}" bash -c "mount -t tmpfs none /run && mkdir /run/pcscd && exec sleep infinity" &
    STAND_HOME=$!
    STAND_PIDS+=("$STAND_HOME")
    await "the namespace" test -d "/proc/$STAND_HOME/root/run/pcscd" -a ! -e "/proc/$STAND_HOME/root/run/lock"
    export PCSCLITE_CSOCK_NAME=/proc/$STAND_HOME/root/run/pcscd/pcscd.comm
    pcscd_up
}

pcscd_up() {
    nsenter --target "$STAND_HOME" "${STAND_ENTER[@]}" /usr/sbin/pcscd --foreground --info -c "$STAND/reader.conf" \
        >"$STAND/pcscd.log" 2>&1 &
    PCSCD=$!
    await "pcscd" test -S "$PCSCLITE_CSOCK_NAME"
}

pcscd_killed() {
    pcscd_down -KILL
    rm -f "$PCSCLITE_CSOCK_NAME"
}

pcscd_down() {
    [[ -n ${PCSCD:-} ]] || return 0
    kill "$@" "$PCSCD" 2>/dev/null || true
    wait "$PCSCD" 2>/dev/null || true
    PCSCD=
}

stand_down() {
    local pid
    [[ -z ${CARD_PID:-} ]] || take_card || true
    [[ -z ${SECOND_PID:-} ]] || take_second || true
    pcscd_down
    for pid in "${STAND_PIDS[@]:-}"; do
        [[ -z $pid ]] || kill "$pid" 2>/dev/null || true
        [[ -z $pid ]] || wait "$pid" 2>/dev/null || true
    done
    [[ -z ${STAND:-} ]] || rm -rf "$STAND"
}

insert_card() {
    [[ -z $CARD_PID ]] || take_card
    "$SHIKAKU" virtual-card --vpcd "127.0.0.1:$((STAND_PORT))" --card "$1" ${2:+--trouble "$2"} --trace --json "${@:3}" \
        >"$STAND/card.json" 2>"$STAND/card.log" &
    CARD_PID=$!
    await "the card in its slot" card_present || {
        tail "$STAND/card.log" "$STAND/card.json" "$STAND/pcscd.log" >&2
        return 1
    }
}

take_card() {
    kill -TERM "$CARD_PID" 2>/dev/null || true
    wait "$CARD_PID" || true
    CARD_PID=
    CARD_TOTALS=$(tr -d '\n' <"$STAND/card.json" | tr -s " ")
    await "the empty slot" card_absent
}

insert_second() {
    "$SHIKAKU" virtual-card --vpcd "127.0.0.1:$((STAND_PORT + 1))" --card "$1" --trace --json \
        >"$STAND/second.json" 2>"$STAND/second.log" &
    SECOND_PID=$!
    await "the card in the second slot" second_present
}

take_second() {
    kill -TERM "$SECOND_PID" 2>/dev/null || true
    wait "$SECOND_PID" || true
    SECOND_PID=
    SECOND_TOTALS=$(tr -d '\n' <"$STAND/second.json" | tr -s " ")
    await "the empty second slot" second_absent
}

exchanges() {
    grep -c '^>' "$STAND/card.log" || true
}

card_present() { opensc-tool --list-readers 2>/dev/null | grep -q '^0 *Yes'; }
card_absent() { opensc-tool --list-readers 2>/dev/null | grep -q '^0 *No' && is_seen_empty 0; }
second_present() { opensc-tool --list-readers 2>/dev/null | grep -q '^1 *Yes'; }
second_absent() { opensc-tool --list-readers 2>/dev/null | grep -q '^1 *No' && is_seen_empty 1; }
# is_seen_empty SLOT: pcscd calls a slot empty already when a client's reset fails there, but looks for cards every 0.4 s
# alone: to a card that is laid down before it has looked it stays empty for good.
is_seen_empty() {
    local slot="Shikaku 00 0$1"
    (($(grep -c "Card inserted into $slot" "$STAND/pcscd.log") == $(grep -c "Card Removed From $slot" "$STAND/pcscd.log")))
}

# vpcd takes two neighbouring ports, one for each slot. CHANNELID is written in hexadecimal.
free_port_pair() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        is_open "$port" || is_open $((port + 1)) || break
    done
    printf '0x%X\n' "$port"
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$(($1))") 2>/dev/null; }
