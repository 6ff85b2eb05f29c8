# `shikaku check --watch` for test scripts, to be sourced, with what tests/clinic.sh has; what needs a card wants
# insert_card and take_card of a stand.
#
#   register_persons      every virtual card becomes somebody else's; after service_up
#   begin [ARGUMENT …]    a watch with its PINs from the pipe that is descriptor 8; its lines go to STAND/lines; sets WATCH;
#                         with FED=--number-stdin the printed numbers come from there, and what staff answer
#   pin PIN               the next PIN
#   lines N               whether there are so many lines
#   of N FIELD            of one line; name N and number N of its person
#   asked_for_card N      whether a card was asked for so often
#   asked_to_lift N       whether the card that was used was asked to be taken away so often
#   lift N                waits for that, and takes it
#   ended                 waits for the end; count FIELD is of the last line then
#   watch_down            ends it, if it runs
#
# Needs what tests/clinic.sh needs.

# shellcheck source=tests/clinic.sh
source "$(dirname "${BASH_SOURCE[0]}")/clinic.sh"

WATCH=

register_persons() {
    python3 - "$STAND/materials/registry.jsonl" "$STAND/persons.jsonl" <<'PYTHON'
import copy, json, sys

everybody = json.load(open(sys.argv[1]))
with open(sys.argv[2], "w") as persons:
    for index, certificate in enumerate(everybody["Certificates"]):
        person = copy.deepcopy(everybody)
        person.update(Person=str(index + 1), Certificates=[certificate])
        person["Qualifications"][0].update(Name=f"健診 {chr(ord('あ') + 2 * index)}子", InsuredIdentificationNumber=str(70110 + index))
        persons.write(json.dumps(person, ensure_ascii=False) + "\n")
PYTHON
    admin registry import "$STAND/persons.jsonl" --mode replace
}

begin() {
    rm -f "$STAND/pins" "$STAND/lines" "$STAND/watch.log"
    mkfifo "$STAND/pins"
    "$SHIKAKU" check --watch --reader "$READER" --device "$STAND/device" "${FED:---pin-stdin}" --json "$@" \
        <"$STAND/pins" >"$STAND/lines" 2>"$STAND/watch.log" &
    WATCH=$!
    exec 8>"$STAND/pins"
}
pin() { echo "$1" >&8; }
lines() { [[ $(wc -l <"$STAND/lines") -ge $1 ]]; }
of() { sed -n "${1}p" "$STAND/lines" | field "$2"; }
name() { of "$1" answer.MessageBody.ResultList.0.Name; }
number() { of "$1" answer.MessageBody.ResultList.0.InsuredIdentificationNumber; }
asked_for_card() { (($(grep -c 'カードをリーダーに置いてください' "$STAND/watch.log") >= $1)); }
asked_to_lift() { (($(grep -c '離してください' "$STAND/watch.log") >= $1)); }
lift() { await "the word to lift the card" asked_to_lift "$1"; take_card; }

ended() {
    wait "$WATCH"
    WATCH=
}
count() { tail -n 1 "$STAND/lines" | field "count.$1"; }

watch_down() {
    [[ -z $WATCH ]] || kill "$WATCH" 2>/dev/null || true
}
