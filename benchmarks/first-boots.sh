#!/usr/bin/env bash
# Boots a distribution of Karaf with Handoff for the first time, again and again: each time newly unpacked, with the
# examples as boot features and every processor kept busy, until http://127.0.0.1:PORT/hello answers.
#
#     benchmarks/first-boots.sh [BOOTS] [ARCHIVE]
#
# 10 boots of karaf-assembly's archive where nothing is said. Prints the time of each, then the shortest, the middle and
# the longest. A boot that has not answered after 600 s is one that hangs: tools/starting.sh says what it waits for, its
# folder stays, and the script ends with 1. Everything runs in a temporary folder, on free ports of 127.0.0.1, and ends
# with the script.
set -euo pipefail
boots=${1:-10}
archive=$(realpath "${2:-/dev/null}")
deadline=600
source "$(dirname "$0")/../tools/setup.sh"
source tools/measuring.sh

busy=()
end() {
    kill "${busy[@]}" 2> /dev/null || true
    stop_karaf
    rm -rf "$folder"
}

# Keeps a processor busy, and ends with the script, however that ends.
keep_busy() {
    local turn
    while kill -0 $$ 2> /dev/null; do
        for ((turn = 0; turn < 100000; turn++)); do :; done
    done
}
for ((i = 0; i < $(nproc); i++)); do
    keep_busy &
    busy+=($!)
done

# Starts Karaf in the folder $1, ends it when the URL $2 answers, and sets millis to how long that took.
boot() {
    local since begun=$SECONDS
    since=$(date +%s%N)
    "$1/bin/karaf" daemon > "$1/out" 2>&1 &
    karaf=$!
    until answers "$2"; do
        if ((SECONDS - begun > deadline)) || ! kill -0 "$karaf" 2> /dev/null; then
            what_it_waits_for "$1" "$2" $((SECONDS - begun)) >&2
            echo "See $1" >&2
            kill "${busy[@]}" 2> /dev/null || true
            stop_karaf
            trap - EXIT
            exit 1
        fi
        sleep 0.05
    done
    millis=$((($(date +%s%N) - since) / 1000000))
    stop_karaf
}

times=()
for ((i = 1; i <= boots; i++)); do
    mapfile -t ports < <(free_ports)
    unpack "$folder/$i" "${ports[@]}"
    boot "$folder/$i" "http://127.0.0.1:${ports[0]}/hello"
    echo "boot $i: $millis ms"
    times+=("$millis")
    rm -rf "${folder:?}/$i"
done
mapfile -t sorted < <(printf '%s\n' "${times[@]}" | sort -n)
echo "shortest ${sorted[0]} ms, middle ${sorted[$((boots / 2))]} ms, longest ${sorted[-1]} ms of $boots first boots"
