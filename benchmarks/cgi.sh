#!/usr/bin/env bash
# Requests a second of a CGI program, a shell script of three lines: through a pool of the kind cgi, and beside it
# through nginx with fcgiwrap, over 8 connections that stay open. Eight programs at a time on both sides: a wrapper with
# 8 connections to the agent, and 8 processes of fcgiwrap.
#
#     benchmarks/cgi.sh [SECONDS] [ROUNDS]
#
# Each round is printed, the servers in turn, and at the end the medians: requests a second, how long the middle one of
# 100 requests takes and the 99th, and the pool's share of fcgiwrap's requests. 5 s and 5 rounds where nothing is said.
# Everything runs from a temporary folder, on free ports of 127.0.0.1, and ends with the script. Needs nginx, fcgiwrap
# and wrk, and installs nothing.
set -euo pipefail
seconds=${1:-5}
rounds=${2:-5}
connections=8
source "$(dirname "$0")/../tools/setup.sh"
source benchmarks/comparison.sh
needed nginx fcgiwrap wrk

mkdir "$folder/cgi-bin"
program=$folder/cgi-bin/hello.sh
printf '#!/bin/sh\necho Content-Type: text/plain\necho\necho hello\n' > "$program"
chmod +x "$program"

nginx_port=$(free_port)
fcgiwrap -c "$connections" -s "unix:$folder/fcgiwrap.socket" & started+=($!)
start_nginx <<END
    server {
        listen 127.0.0.1:$nginx_port;
        location /cgi-bin/ {
            fastcgi_pass unix:$folder/fcgiwrap.socket;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SERVER_SOFTWARE nginx;
            fastcgi_param SERVER_PROTOCOL \$server_protocol;
            fastcgi_param SERVER_NAME \$host;
            fastcgi_param SERVER_PORT \$server_port;
            fastcgi_param REQUEST_METHOD \$request_method;
            fastcgi_param REQUEST_URI \$request_uri;
            fastcgi_param SCRIPT_NAME \$uri;
            fastcgi_param SCRIPT_FILENAME $folder\$uri;
            fastcgi_param DOCUMENT_ROOT $folder;
            fastcgi_param QUERY_STRING \$query_string;
            fastcgi_param REMOTE_ADDR \$remote_addr;
            fastcgi_param REMOTE_HOST \$remote_addr;
        }
    }
END
await "http://127.0.0.1:$nginx_port/cgi-bin/hello.sh"

unpack_karaf
cat > "$folder/karaf/etc/org.handoff.pool-cgi.cfg" <<END
kind = cgi
directory = $folder/cgi-bin
context = /cgi-bin
workers = 1
connections = $connections
END
start_karaf
await "http://127.0.0.1:$port/cgi-bin/hello.sh"

# The virtual machines compile what they run, beside it and for some seconds; the others get the same, unmeasured.
say "warming up: $((12 * seconds)) s"
run $((6 * seconds)) "$port/cgi-bin/hello.sh"
run $((6 * seconds)) "$nginx_port/cgi-bin/hello.sh"
for round in $(seq "$rounds"); do
    say "round $round of $rounds: $((2 * seconds)) s"
    measure handoff "$port/cgi-bin/hello.sh"
    measure fcgiwrap "$nginx_port/cgi-bin/hello.sh"
done

echo "Medians of rounds: $rounds"
show_medians handoff
show_medians fcgiwrap
paste -d' ' "$folder/handoff.rounds" "$folder/fcgiwrap.rounds" | awk '{print $1 / $4}' | median \
    | xargs printf 'handoff/fcgiwrap: %.2f\n'
