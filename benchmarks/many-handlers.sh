#!/usr/bin/env bash
# Measures how long many handlers take: deploys bundles with a handler each into Karaf until all of them answer, and
# starts workers that serve them, and workers of an ordinary pool.
#
#     benchmarks/many-handlers.sh [HANDLERS] [ARCHIVE]
#
# 1,000 handlers, and karaf-assembly's archive, where nothing is said. Prints for each step the time that passed, and
# the processor time of Karaf and of workers, which other load on the machine changes less. Waits 600 s for a step at
# most. Everything runs in a temporary folder, on free ports of 127.0.0.1, and ends with the script.
set -euo pipefail
handlers=${1:-1000}
archive=$(realpath "${2:-/dev/null}")
deadline=600
ordinary=16
source "$(dirname "$0")/../tools/setup.sh"
source tools/measuring.sh
bundles=$PWD/benchmarks/many-handlers/Bundles.java

# Prints the processes of workers that live.
workers() {
    pgrep -P "$karaf_java" -f worker-runtime || true
}

# Whether there are $1 workers, all of which are ready.
ready() {
    local pid pids
    mapfile -t pids < <(workers)
    ((${#pids[@]} == $1)) || return 1
    for pid in "${pids[@]}"; do
        grep -q "(pid $pid, generation .*) is ready" "$log" || return 1
    done
}

gone() {
    ! kill -0 "$1" 2> /dev/null
}

# Begins a step.
begin() {
    karaf_before=$(processor "$karaf_java")
    since=$(date +%s%N)
}

# Prints how the step $1 went.
done_with() {
    local millis=$((($(date +%s%N) - since) / 1000000)) pid times=
    for pid in $(workers); do
        times+=" $(processor "$pid")"
    done
    printf '%-40s %7d ms, processor: Karaf %6d ms, each worker that lives%s ms\n' "$1" "$millis" \
        $(($(processor "$karaf_java") - karaf_before)) "$times"
}

# Sets how many workers the pool has to $1.
pool_of() {
    sed -i "s/^#\?workers = .*/workers = $1/" "$folder/karaf/etc/org.handoff.pool-default.cfg"
}

# Kills the one worker, and waits until its successor is ready.
replace_worker() {
    local pid
    pid=$(workers)
    begin
    kill -9 "$pid"
    await gone "$pid"
    await ready 1
    done_with "$1"
}

# Whether the first $1 handlers answer. One curl asks them all: a process for each of them takes as long as the
# deployment.
answer() {
    curl -sf --fail-early -m 30 -o /dev/null "$url/many/[1-$1]"
}

# Deploys all handlers at once.
deploy() {
    mv "$folder"/bundles/many-*.jar "$folder/karaf/deploy/"
    await answer "$handlers"
}

"$JAVA_HOME/bin/java" -cp "$(printf '%s:' bundles/worker-api/target/*.jar)" "$bundles" "$folder/bundles" "$handlers"
mapfile -t ports < <(free_ports)
unpack "$folder/karaf" "${ports[@]}"
url=http://127.0.0.1:${ports[0]}
log=$folder/karaf/data/log/karaf.log
sed -i 's/^#start.timeout = .*/start.timeout = 300/' "$folder/karaf/etc/org.handoff.pool-default.cfg"
pool_of 1
"$folder/karaf/bin/karaf" daemon > "$folder/karaf/out" 2>&1 &
karaf=$!
await answers "$url/hello"
karaf_java=$(cat "$folder/karaf/karaf.pid")
# Each example is a generation of its own where they come one after the other.
await answers "$url/digest?bytes=1"
await ready 1
await grep -q 'share the class archive' "$log"

replace_worker "an ordinary worker"
replace_worker "an ordinary worker, again"
begin
pool_of "$ordinary"
await ready "$ordinary"
done_with "$((ordinary - 1)) more ordinary workers"
pool_of 1
await ready 1
begin
deploy
done_with "$handlers handlers deployed"
await ready 1
replace_worker "a worker with $handlers handlers"
replace_worker "a worker with $handlers handlers, again"
