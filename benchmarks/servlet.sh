#!/usr/bin/env bash
# Measures what a servlet costs a worker: kills the worker of a pool with a handler and that of a pool with a servlet,
# one after the other, and looks at their successors once these have answered a request.
#
#     benchmarks/servlet.sh [PAIRS] [ARCHIVE]
#
# 15 pairs, and karaf-assembly's archive, where nothing is said. Prints for each pair the time from a worker's start to
# its being ready, its processor time, and its memory (proportional set size), of both and the difference, and at last
# the medians. Processor time changes less with other load on the machine. Everything runs in a temporary folder, on free
# ports of 127.0.0.1, and ends with the script.
set -euo pipefail
pairs=${1:-15}
archive=$(realpath "${2:-/dev/null}")
deadline=300
source "$(dirname "$0")/../tools/setup.sh"
source tools/measuring.sh
servlet=$PWD/benchmarks/servlet/Hello.java

# Prints the process of the pool $1 that is ready since the others; empty while it is not.
worker() {
    local pid
    pid=$(sed -n "s/.*Worker $1-[0-9]* (pid \([0-9]*\), generation .*) is ready after.*/\1/p" "$log" | tail -1)
    if [[ -n $pid ]] && kill -0 "$pid" 2> /dev/null; then
        echo "$pid"
    fi
}

another() {
    local pid
    pid=$(worker "$1")
    [[ -n $pid && $pid != "$2" ]]
}

# Replaces the worker of the pool $1, which answers at $2, and prints the milliseconds until it was ready, its processor
# time, and its memory in KiB.
replace() {
    local pid before
    before=$(worker "$1")
    kill -9 "$before"
    await another "$1" "$before"
    pid=$(worker "$1")
    curl -sf -o /dev/null --retry 20 --retry-delay 1 --retry-all-errors "$url$2"
    # What follows the first request goes on for a moment.
    sleep 1
    echo "$(sed -n "s/.*(pid $pid, generation .*) is ready after \([0-9]*\) ms.*/\1/p" "$log" | tail -1)" \
        "$(processor "$pid")" "$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup")"
}

median() {
    sort -n | sed -n "$(((pairs + 1) / 2))p"
}

mapfile -t ports < <(free_ports)
unpack "$folder/karaf" "${ports[@]}"
url=http://127.0.0.1:${ports[0]}
log=$folder/karaf/data/log/karaf.log
api=$(find "$folder/karaf/system" ~/.m2/repository -name 'jakarta.servlet-api-4.*.jar' | head -1)
"$JAVA_HOME/bin/javac" --release 17 -d "$folder/classes" -cp "$api:$(printf '%s:' "$folder"/karaf/lib/boot/*.jar)" \
    "$servlet"
cat > "$folder/manifest" << 'END'
Bundle-ManifestVersion: 2
Bundle-SymbolicName: servlet.hello
Bundle-Activator: Hello
Import-Package: org.osgi.framework,javax.servlet;version="[3.1,5)",javax.servlet.http;version="[3.1,5)"
END
"$JAVA_HOME/bin/jar" -c -f "$folder/servlet.jar" -m "$folder/manifest" -C "$folder/classes" .
echo 'workers = 1' >> "$folder/karaf/etc/org.handoff.pool-default.cfg"
printf '%s\n' 'workers = 1' 'servlets = (bundle=servlet.hello)' > "$folder/karaf/etc/org.handoff.pool-web.cfg"
sed -i 's/^featuresBoot = /&handoff-servlet, /' "$folder/karaf/etc/org.apache.karaf.features.cfg"
cp "$folder/servlet.jar" "$folder/karaf/deploy/"
"$folder/karaf/bin/karaf" daemon > "$folder/karaf/out" 2>&1 &
karaf=$!
await answers "$url/hello"
await answers "$url/servlet"
await another default none
await another web none
echo "load: $(cat /proc/loadavg)"
for ((i = 1; i <= pairs; i++)); do
    read -ra plain < <(replace default /hello)
    read -ra web < <(replace web /servlet)
    for k in 0 1 2; do
        echo "${plain[k]}" >> "$folder/plain$k"
        echo "${web[k]}" >> "$folder/web$k"
        echo $((web[k] - plain[k])) >> "$folder/more$k"
    done
    echo "pair $i: handler ${plain[*]}, servlet ${web[*]}, more $((web[0] - plain[0])) $((web[1] - plain[1])) $((web[2] - plain[2]))"
done
echo "load: $(cat /proc/loadavg)"
names=('ms to ready' 'ms of processor' 'KiB of memory')
for k in 0 1 2; do
    echo "median, ${names[k]}: handler $(median < "$folder/plain$k"), servlet $(median < "$folder/web$k"), more $(median < "$folder/more$k")"
done
