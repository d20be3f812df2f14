#!/usr/bin/env bash
# Boots a distribution of Karaf with Handoff for the first time, again and again: each time newly unpacked, with the
# examples as boot features and every processor kept busy, until http://127.0.0.1:PORT/hello answers.
#
#     benchmarks/first-boots.sh [BOOTS] [ARCHIVE]
#
# 10 boots of karaf-assembly's archive where nothing is said. Prints the time of each, then the shortest, the middle and
# the longest. A boot that has not answered after 180 s is one that hangs: tools/starting.sh says what it waits for, its
# folder stays, and the script ends with 1. Everything runs in a temporary folder, on free ports of 127.0.0.1, and ends
# with the script.
set -euo pipefail
boots=${1:-10}
archive=$(realpath "${2:-/dev/null}")
deadline=180
source "$(dirname "$0")/../tools/setup.sh"
source tools/starting.sh
if [[ $archive == /dev/null ]]; then
    ./mvnw -q -B -ntp package -DskipTests -pl karaf-assembly -am
    archive=$(realpath karaf-assembly/target/karaf-assembly-*.tar.gz)
fi

folder=$(mktemp -d)
busy=()
karaf=
end() {
    kill $karaf "${busy[@]}" 2> /dev/null || true
    wait
    rm -rf "$folder"
}
trap end EXIT

# One busy process for each processor; with Karaf's own threads there is more to do than processors can.
for ((i = 0; i < $(nproc); i++)); do
    while :; do :; done &
    busy+=($!)
done

# Prints four ports that nobody has, of those that the system gives to no client by default.
free_ports() {
    local port found=0
    while ((found < 4)); do
        port=$((10000 + RANDOM % 22768))
        if ! (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
            echo "$port"
            found=$((found + 1))
        fi
    done
}

# Unpacks the archive into the folder $1, to listen on the ports $2 to $5.
unpack() {
    mkdir "$1"
    tar -xzf "$archive" -C "$1" --strip-components=1
    with_examples "$1"
    sed -i "s/^#address = .*/address = 127.0.0.1/; s/^#port = .*/port = $2/" "$1/etc/org.handoff.monitor.cfg"
    sed -i "s/^sshHost = .*/sshHost = 127.0.0.1/; s/^sshPort = .*/sshPort = $3/" "$1/etc/org.apache.karaf.shell.cfg"
    sed -i "s/^rmiRegistryPort = .*/rmiRegistryPort = $4/; s/^rmiServerPort = .*/rmiServerPort = $5/" \
        "$1/etc/org.apache.karaf.management.cfg"
}

# Starts Karaf in the folder $1, ends it when the URL $2 answers, and sets millis to how long that took.
boot() {
    local since
    since=$(date +%s%N)
    "$1/bin/karaf" daemon > "$1/out" 2>&1 &
    karaf=$!
    until answers "$2"; do
        if (($(date +%s%N) - since > deadline * 1000000000)) || ! kill -0 "$karaf" 2> /dev/null; then
            what_it_waits_for "$1" "$2" $deadline >&2
            echo "See $1" >&2
            kill "${busy[@]}" "$karaf" 2> /dev/null || true
            trap - EXIT
            exit 1
        fi
        sleep 0.05
    done
    millis=$((($(date +%s%N) - since) / 1000000))
    kill "$karaf"
    wait "$karaf" 2> /dev/null || true
    karaf=
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
