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
connections=64
source "$(dirname "$0")/../tools/setup.sh"
source benchmarks/comparison.sh
needed nginx wrk cc

say "compiling the processes"
cc -O2 -o "$folder/peer" examples/lrwp/peer.c
cc -O2 -o "$folder/fastcgi" -D_GNU_SOURCE benchmarks/lrwp/fastcgi.c

nginx_port=$(free_port) fastcgi_port=$(free_port)
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
start_nginx <<END
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
END
await "http://127.0.0.1:$nginx_port/app?bytes=1"
await "http://127.0.0.1:$nginx_port/kept?bytes=1"

unpack_karaf
start_karaf
for _ in 1 2 3 4; do
    "$folder/peer" 127.0.0.1 "$peer_port" app > /dev/null & started+=($!)
done
await "http://127.0.0.1:$port/app?bytes=1"

for bytes in 100 1048576; do
    # The virtual machine compiles what it runs, beside it and for some seconds; the others get the same, unmeasured.
    say "warming up for responses of $bytes bytes: $((9 * seconds)) s"
    for server in "$port/app" "$nginx_port/app" "$nginx_port/kept"; do
        run $((3 * seconds)) "$server?bytes=$bytes"
    done
    for round in $(seq "$rounds"); do
        say "round $round of $rounds: $((3 * seconds)) s"
        measure "handoff-$bytes" "$port/app?bytes=$bytes"
        measure "nginx-$bytes" "$nginx_port/app?bytes=$bytes"
        measure "kept-$bytes" "$nginx_port/kept?bytes=$bytes"
    done
done

echo "Medians of rounds: $rounds"
for bytes in 100 1048576; do
    for server in handoff nginx kept; do
        show_medians "$server-$bytes"
    done
done
