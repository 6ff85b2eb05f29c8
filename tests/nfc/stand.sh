# A PN532 of ours behind real libnfc, to be sourced by test scripts, with a service and a clinic from tests/clinic.sh;
# sets STAND, a folder of its own, and READER.
#
#   lay CARD [TROUBLE [ARGUMENT …]]
#                       a new PN532 with that card in its field; one that is there goes
#   order LINE          another card for it, as `--cards-stdin` takes it; until it knows
#   insert_card CARD, take_card
#                       lays a card in, takes it out; until it is so
#   take                ends the PN532
#   asked FIELD [N]     what the Nth of its cards was asked, once that is gone
#   exchanges           prints how many commands its cards have answered
#   field_is_off        whether the card has no power
#   looks               prints how often it had power, and lost it
#   decided             prints how many requests the service has decided, refused ones among them
#   leave               ends and removes everything
#
# Needs SHIKAKU, built with the feature `nfc`.

: "${SHIKAKU:?the path of the built program}"
STAND=$(mktemp -d)
READER=nfc:pn532_uart:$STAND/pn532
# shellcheck source=tests/clinic.sh
source "$(dirname "${BASH_SOURCE[0]}")/../clinic.sh"

CHIP=
mkfifo "$STAND/orders"
lay() {
    [[ -z $CHIP ]] || take
    "$SHIKAKU" virtual-card --pn532 "$STAND/pn532" --card "$1" ${2:+--trouble "$2"} --trace --json --cards-stdin "${@:3}" \
        <>"$STAND/orders" >"$STAND/card.json" 2>"$STAND/card.log" &
    CHIP=$!
    await "the terminal" test -e "$STAND/pn532"
}
take() {
    kill -TERM "$CHIP" 2>/dev/null || true
    wait "$CHIP" || true
    CHIP=
}
order() { ordered "$1" 受け付けました; }
insert_card() { ordered "$1" カードを載せました; }
take_card() { ordered "" カードを取り去りました; }
# ordered LINE WORD: until the word was said once more.
ordered() {
    local before
    before=$(said "$2")
    echo "$1" >"$STAND/orders"
    await "the order for a card" more "$2" "$before"
}
said() { grep -c "^$1" "$STAND/card.log" || true; }
more() { (($(said "$1") > $2)); }
exchanges() { said '>'; }
looks() { said 電波を止めました; }
field_is_off() { [[ $(grep '^電波' "$STAND/card.log" | tail -n 1) == 電波を止めました ]]; }
asked() { sed -n "${2:-1}p" "$STAND/card.json" | field "$1"; }
decided() { python3 - "$data" <<'PYTHON'
import sqlite3, sys
print(sqlite3.connect(f"file:{sys.argv[1]}/shikaku.db?mode=ro", uri=True).execute("SELECT count(*) FROM outcomes").fetchone()[0])
PYTHON
}
leave() {
    [[ -z $CHIP ]] || take || true
    service_down
    rm -rf "$STAND"
}
trap leave EXIT
trap 'tail -n 5 "$STAND"/*.log >&2' ERR
