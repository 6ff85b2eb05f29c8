# Waiting in test scripts, to be sourced.

# await WHAT COMMAND…: until the command succeeds, half a minute at most: a machine may be busy with other things.
await() {
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || { echo "waited in vain for $what" >&2; return 1; }
        sleep 0.05
    done
}
