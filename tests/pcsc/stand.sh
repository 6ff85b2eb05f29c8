# A PC/SC stand of its own, to be sourced by test scripts: pcscd in a mount namespace, vpcd in it, and a
# virtual card in vpcd's slot. Runs beside any other pcscd and beside other stands; `stand_down` ends what it began.
#
#   stand_up               starts pcscd; sets STAND (a folder) and PCSCLITE_CSOCK_NAME
#   insert_card NAME|DIR   lays a card in (a card that lies there is taken out first)
#   take_card              takes it out; sets CARD_TOTALS, what the card was asked, as one line of JSON
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
    STAND_PORT=$(free_port_pair)
    cat >"$STAND/reader.conf" <<-CONF
		FRIENDLYNAME "Shikaku"
		DEVICENAME /dev/null:$STAND_PORT
		LIBPATH $(dpkg -L vsmartcard-vpcd | grep -m 1 'libifdvpcd.so$')
		CHANNELID $STAND_PORT
	CONF
    # pcscd knows one socket path only; a mount namespace gives each stand its own. Without root a user
    # namespace lends the right to mount.
    local own=()
    ((EUID == 0)) || own=(--map-root-user)
    unshare --mount "${own[@]}" bash -c \
        "mount -t tmpfs none /run && mkdir /run/pcscd && exec /usr/sbin/pcscd --foreground -c '$STAND/reader.conf'" \
        >"$STAND/pcscd.log" 2>&1 &
    local pcscd=$!
    STAND_PIDS+=("$pcscd")
    export PCSCLITE_CSOCK_NAME=/proc/$pcscd/root/run/pcscd/pcscd.comm
    await "pcscd" test -S "$PCSCLITE_CSOCK_NAME"
}

stand_down() {
    local pid
    [[ -z ${CARD_PID:-} ]] || take_card || true
    for pid in "${STAND_PIDS[@]:-}"; do
        [[ -z $pid ]] || kill "$pid" 2>/dev/null || true
        [[ -z $pid ]] || wait "$pid" 2>/dev/null || true
    done
    [[ -z ${STAND:-} ]] || rm -rf "$STAND"
}

insert_card() {
    [[ -z $CARD_PID ]] || take_card
    "$SHIKAKU" virtual-card --vpcd "127.0.0.1:$((STAND_PORT))" --card "$1" --trace --json \
        >"$STAND/card.json" 2>"$STAND/card.log" &
    CARD_PID=$!
    await "the card in its slot" card_present
}

take_card() {
    kill -TERM "$CARD_PID" 2>/dev/null || true
    wait "$CARD_PID" || true
    CARD_PID=
    CARD_TOTALS=$(tr -d '\n' <"$STAND/card.json" | tr -s " ")
    await "the empty slot" card_absent
}

exchanges() {
    grep -c '^>' "$STAND/card.log" || true
}

card_present() { opensc-tool --list-readers 2>/dev/null | grep -q '^0 *Yes'; }
card_absent() { opensc-tool --list-readers 2>/dev/null | grep -q '^0 *No'; }

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
