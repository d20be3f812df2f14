#!/usr/bin/env bash
# Requests a second of a C worker with libhandoff, and beside it of nginx ("return 200"): the same small response from
# equally many processes, over 64 connections that stay open ("kept"), and over a new connection for each request
# ("new").
#
#     benchmarks/native.sh [SECONDS] [ROUNDS] [PROCESSES]
#
# Each round is printed, the servers in turn, and at the end the medians: requests a second, how long the middle one of
# 100 requests takes and the 99th, the processor time of a request in each process, and the worker's share of nginx's
# requests. 5 s, 5 rounds and a process for each processor where nothing is said. Last, the processor time that Karaf
# uses while the worker sends a file of 1 GiB by sendfile, and in the same time without that. Everything runs from a
# temporary folder, on free ports of 127.0.0.1, and ends with the script. Needs nginx, wrk, cc and make, and installs
# nothing. On a machine with few processors the load generator and both servers share them, as they do here.
set -euo pipefail
seconds=${1:-5}
rounds=${2:-5}
processes=${3:-$(nproc)}
connections=64
source "$(dirname "$0")/../tools/setup.sh"
source benchmarks/comparison.sh
needed nginx wrk cc make

say "compiling the worker"
make -s -C sdk/c BUILD="$folder/sdk-c"
cc -O2 -Isdk/c/include -o "$folder/worker" benchmarks/native/worker.c "$folder/sdk-c/libhandoff.a" -pthread
truncate -s 1G "$folder/large"

nginx_port=$(free_port)
nginx_processes=$processes
start_nginx <<END
    server {
        listen 127.0.0.1:$nginx_port;
        default_type text/plain;
        location / { return 200 "hello\n"; }
    }
END
nginx=${started[-1]}
await "http://127.0.0.1:$nginx_port/app"

unpack_karaf
cat > "$folder/karaf/etc/org.handoff.pool-app.cfg" <<END
kind = native
command = $folder/worker $folder/large
context = /app
workers = $processes
END
start_karaf
karaf=${started[-1]}
await "http://127.0.0.1:$port/app"

# Prints the processor time in milliseconds that these processes have used.
processor() {
    local pid ticks=0
    local -a field
    for pid; do
        read -ra field <<< "$(sed 's/.*) //' "/proc/$pid/stat")"
        ticks=$((ticks + field[11] + field[12]))
    done
    echo $((ticks * 1000 / $(getconf CLK_TCK)))
}

# Prints the processor time so far: of Karaf, the workers and nginx.
processors() {
    # Words, each a process.
    # shellcheck disable=SC2046
    echo "$(processor "$karaf") $(processor $(pgrep -P "$karaf" -f "$folder/worker")) $(processor $(pgrep -P "$nginx"))"
}

# A round of both servers: $1 is a name, the rest are options of wrk.
round() {
    local name=$1 before after
    shift
    before=$(processors)
    measure "handoff-$name" "$port/app" "$@"
    after=$(processors)
    echo "$before $after $(tail -n 1 "$folder/handoff-$name.rounds")" >> "$folder/$name.processor"
    before=$after
    measure "nginx-$name" "$nginx_port/app" "$@"
    echo "$before $(processors) $(tail -n 1 "$folder/nginx-$name.rounds")" >> "$folder/nginx-$name.processor"
}

# Prints the median processor time of a request in microseconds, of the rounds in the file $1: column $2 before the
# round, and three columns later behind it.
of_a_request() {
    awk -v column="$2" -v seconds="$seconds" '{print ($(column + 3) - $column) * 1000 / ($7 * seconds)}' "$1" | median
}

new=(-H "Connection: close")
# The virtual machine compiles what it runs, beside it and for some seconds; nginx gets the same, unmeasured.
say "warming up: $((8 * seconds)) s"
run $((2 * seconds)) "$port/app"
run $((4 * seconds)) "$port/app" "${new[@]}"
run "$seconds" "$nginx_port/app"
run "$seconds" "$nginx_port/app" "${new[@]}"
for number in $(seq "$rounds"); do
    say "round $number of $rounds: $((4 * seconds)) s"
    round kept
    round new "${new[@]}"
done

echo "Medians of rounds: $rounds, processes: $processes"
for name in kept new; do
    show_medians "handoff-$name"
    show_medians "nginx-$name"
    printf 'processor time of a request: %.1f us in Karaf, %.1f us in workers; %.1f us in nginx\n' \
        "$(of_a_request "$folder/$name.processor" 1)" "$(of_a_request "$folder/$name.processor" 2)" \
        "$(of_a_request "$folder/nginx-$name.processor" 3)"
    paste -d' ' "$folder/handoff-$name.rounds" "$folder/nginx-$name.rounds" | awk '{print $1 / $4}' | median \
        | xargs printf "handoff/nginx, $name: %.2f\n"
done

say "a file of 1 GiB: 5 times"
for _ in 1 2 3 4 5; do
    before=$(processor "$karaf")
    since=$(date +%s%N)
    [[ $(curl -sS -o /dev/null -w '%{size_download}' "http://127.0.0.1:$port/app/file") == 1073741824 ]]
    took=$((($(date +%s%N) - since) / 1000000))
    used=$(($(processor "$karaf") - before))
    before=$(processor "$karaf")
    sleep "$((took / 1000)).$(printf %03d $((took % 1000)))"
    echo "1 GiB by sendfile in $took ms: Karaf's processor time $used ms; in the same time without:" \
        "$(($(processor "$karaf") - before)) ms"
done
