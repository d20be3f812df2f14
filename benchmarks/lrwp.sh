#!/usr/bin/env bash
# Requests a second through the LRWP agent, and beside it through nginx with FastCGI: responses of 100 bytes and of
# 1 MiB, from 4 equal C processes each, over 64 connections that stay open. FastCGI twice: as it is mostly run, with a
# connection for each request to processes that serve one at a time, as peers do ("nginx", over a Unix domain socket as
# with php-fpm); and with connections that nginx keeps, which takes processes that serve many at a time ("kept").
#
#     benchmarks/lrwp.sh [SECONDS] [ROUNDS]
#
# Each round is printed, the servers in turn, and at the end the medians: requests a second, and how long the middle one
# of 100 requests takes and the 99th. 5 s and 3 rounds where nothing is said. nginx has buffers for a whole response of
# 1 MiB (its own are 64 KiB), as the agent has memory for what clients do not take at once. Both servers run from a
# temporary folder, on free ports of 127.0.0.1, and end with the script. Needs nginx, wrk and cc, and installs nothing.
# On a machine with few processors the load generator and both servers share them, as they do here.
set -euo pipefail
seconds=${1:-5}
rounds=${2:-3}
for tool in nginx wrk cc curl; do
    command -v "$tool" > /dev/null || { echo "Please install: $tool" >&2; exit 1; }
done
source "$(dirname "$0")/../tools/setup.sh"
[[ -n $(find karaf-assembly/target -maxdepth 1 -name 'karaf-assembly-*.tar.gz' 2> /dev/null) ]] \
    || ./mvnw -q -B -ntp package -DskipTests -pl karaf-assembly -am

folder=$(mktemp -d)
started=()
end() {
    ((${#started[@]} == 0)) || kill "${started[@]}" 2> /dev/null || true
    wait
    rm -rf "$folder"
}
trap end EXIT

# On standard error, so that the figures alone are on standard output.
say() {
    echo "[$(date +%T)] $*" >&2
}

free_port() {
    # None of those that the system gives to clients, from 32768 on by default.
    python3 -c '
import random, socket
while True:
    port = random.randrange(10000, 32768)
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break'
}

await() {
    for _ in $(seq 240); do
        curl -sf -o /dev/null "$1" && return
        sleep 0.5
    done
    echo "No answer from $1; see $folder" >&2
    trap - EXIT
    exit 1
}

say "compiling the processes"
cc -O2 -o "$folder/peer" examples/lrwp/peer.c
cc -O2 -o "$folder/fastcgi" -D_GNU_SOURCE benchmarks/lrwp/fastcgi.c

nginx_port=$(free_port) fastcgi_port=$(free_port)
cat > "$folder/nginx.conf" <<END
user $(id -un) $(id -gn);
daemon off;
worker_processes auto;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $folder/body;
    fastcgi_temp_path $folder/fastcgi-temp;
    proxy_temp_path $folder/proxy;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    fastcgi_buffers 64 32k;
    upstream processes { server 127.0.0.1:$fastcgi_port; keepalive 64; }
    server {
        listen 127.0.0.1:$nginx_port;
        location /app {
            fastcgi_pass unix:$folder/fastcgi.socket;
            include $folder/params.conf;
        }
        location /kept {
            fastcgi_pass processes;
            fastcgi_keep_conn on;
            include $folder/params.conf;
        }
    }
}
END
cat > "$folder/params.conf" <<END
# The variables of RFC 3875, as the agent gives them to peers.
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param SERVER_SOFTWARE nginx;
fastcgi_param SERVER_PROTOCOL \$server_protocol;
fastcgi_param SERVER_NAME \$host;
fastcgi_param SERVER_PORT \$server_port;
fastcgi_param REQUEST_METHOD \$request_method;
fastcgi_param REQUEST_URI \$request_uri;
fastcgi_param SCRIPT_NAME /app;
fastcgi_param PATH_INFO "";
fastcgi_param QUERY_STRING \$query_string;
fastcgi_param REMOTE_ADDR \$remote_addr;
fastcgi_param REMOTE_HOST \$remote_addr;
fastcgi_param CONTENT_LENGTH \$content_length;
fastcgi_param CONTENT_TYPE \$content_type;
END
"$folder/fastcgi" "$folder/fastcgi.socket" 4 & started+=($!)
"$folder/fastcgi" "$fastcgi_port" 4 & started+=($!)
nginx -p "$folder" -c "$folder/nginx.conf" & started+=($!)
await "http://127.0.0.1:$nginx_port/app?bytes=1"
await "http://127.0.0.1:$nginx_port/kept?bytes=1"

say "nginx is there; starting Karaf, which takes half a minute"
port=$(free_port) peer_port=$(free_port) ssh_port=$(free_port)
mkdir "$folder/karaf"
tar -xzf karaf-assembly/target/karaf-assembly-*.tar.gz -C "$folder/karaf" --strip-components=1
sed -i 's/^featuresBoot = /&handoff-lrwp, /' "$folder/karaf/etc/org.apache.karaf.features.cfg"
sed -i "s/^sshPort *=.*/sshPort = $ssh_port/" "$folder/karaf/etc/org.apache.karaf.shell.cfg"
sed -i 's/^\(rmi[A-Za-z]*Port\) *=.*/\1 = 0/' "$folder/karaf/etc/org.apache.karaf.management.cfg"
printf 'address = 127.0.0.1\nport = %s\n' "$port" > "$folder/karaf/etc/org.handoff.monitor.cfg"
printf 'port = %s\n' "$peer_port" > "$folder/karaf/etc/org.handoff.lrwp.cfg"
KARAF_EXEC=exec "$folder/karaf/bin/karaf" server > "$folder/karaf.out" 2>&1 & started+=($!)
until (: < "/dev/tcp/127.0.0.1/$peer_port") 2> /dev/null; do
    kill -0 "${started[-1]}" || { cat "$folder/karaf.out"; exit 1; }
    sleep 0.5
done
for _ in 1 2 3 4; do
    "$folder/peer" 127.0.0.1 "$peer_port" app > /dev/null & started+=($!)
done
await "http://127.0.0.1:$port/app?bytes=1"

run() {
    wrk -t1 -c64 --latency -d"$1s" "http://127.0.0.1:$2?bytes=$3" > "$folder/wrk.out"
}

milliseconds() {
    awk -v percent="$1%" '$1 == percent {
        value = $2 + 0
        if ($2 ~ /us$/) value /= 1000; else if ($2 !~ /ms$/) value *= 1000
        printf "%.2f", value
    }' "$folder/wrk.out"
}

show() {
    printf '%-8s %9s bytes %12s requests/s %9s ms %9s ms at 99 %%%s\n' "$@"
}

measure() {
    run "$seconds" "$2" "$3"
    local rate
    rate=$(awk '/^Requests\/sec/ {print $2}' "$folder/wrk.out")
    echo "$rate $(milliseconds 50) $(milliseconds 99)" >> "$folder/$1-$3.rounds"
    show "$1" "$3" "$rate" "$(milliseconds 50)" "$(milliseconds 99)" \
        "$(awk '/Non-2xx|Socket errors/ {printf "  (%s)", $0}' "$folder/wrk.out")"
}

# The median of a column of a server's rounds.
median() {
    sort -n -k "$2,$2" "$folder/$1.rounds" | awk -v column="$2" '{value[NR] = $column}
        END {print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2}'
}

for bytes in 100 1048576; do
    # The virtual machine compiles what it runs, beside it and for some seconds; the others get the same, unmeasured.
    say "warming up for responses of $bytes bytes: $((9 * seconds)) s"
    for server in "$port/app" "$nginx_port/app" "$nginx_port/kept"; do
        run $((3 * seconds)) "$server" "$bytes"
    done
    for round in $(seq "$rounds"); do
        say "round $round of $rounds: $((3 * seconds)) s"
        measure handoff "$port/app" "$bytes"
        measure nginx "$nginx_port/app" "$bytes"
        measure kept "$nginx_port/kept" "$bytes"
    done
done

echo "Medians of $rounds rounds:"
for bytes in 100 1048576; do
    for server in handoff nginx kept; do
        show "$server" "$bytes" "$(median "$server-$bytes" 1)" "$(median "$server-$bytes" 2)" \
            "$(median "$server-$bytes" 3)" ""
    done
done
