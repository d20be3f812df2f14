# Sourced by the benchmarks that compare Handoff with another server: free ports, a Karaf with the LRWP agent, and what
# wrk says. The caller has set seconds, and connections; everything is in the temporary folder $folder, runs on
# 127.0.0.1, and ends with the script.

folder=$(mktemp -d)
started=()
end() {
    local i children
    # The last first: peers before their agent.
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        # Not each of them ends its children: fcgiwrap does not.
        mapfile -t children < <(pgrep -P "${started[i]}")
        kill "${started[i]}" "${children[@]}" 2> /dev/null || true
    done
    wait
    rm -rf "$folder"
}
trap end EXIT

# On standard error, so that the figures alone are on standard output.
say() {
    echo "[$(date +%T)] $*" >&2
}

needed() {
    local tool
    for tool; do
        command -v "$tool" > /dev/null || { echo "Please install: $tool" >&2; exit 1; }
    done
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

# Starts nginx with the http block's lines of standard input, and nginx_processes processes, by default one for each
# processor.
start_nginx() {
    { cat <<END
user $(id -un) $(id -gn);
daemon off;
worker_processes ${nginx_processes:-auto};
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
END
    cat
    echo "}"
    } > "$folder/nginx.conf"
    nginx -p "$folder" -c "$folder/nginx.conf" & started+=($!)
}

# Unpacks our Karaf into $folder/karaf, with the agent; sets port and peer_port.
unpack_karaf() {
    [[ -n $(find karaf-assembly/target -maxdepth 1 -name 'karaf-assembly-*.tar.gz' 2> /dev/null) ]] \
        || ./mvnw -q -B -ntp package -DskipTests -pl karaf-assembly -am
    port=$(free_port) peer_port=$(free_port)
    local etc=$folder/karaf/etc
    mkdir "$folder/karaf"
    tar -xzf karaf-assembly/target/karaf-assembly-*.tar.gz -C "$folder/karaf" --strip-components=1
    sed -i 's/^featuresBoot = /&handoff-lrwp, /' "$etc/org.apache.karaf.features.cfg"
    sed -i "s/^sshPort *=.*/sshPort = $(free_port)/" "$etc/org.apache.karaf.shell.cfg"
    sed -i 's/^\(rmi[A-Za-z]*Port\) *=.*/\1 = 0/' "$etc/org.apache.karaf.management.cfg"
    printf 'address = 127.0.0.1\nport = %s\n' "$port" > "$etc/org.handoff.monitor.cfg"
    printf 'port = %s\n' "$peer_port" > "$etc/org.handoff.lrwp.cfg"
}

# Starts it, and waits until peers can connect.
start_karaf() {
    say "starting Karaf, which takes half a minute"
    KARAF_EXEC=exec "$folder/karaf/bin/karaf" server > "$folder/karaf.out" 2>&1 & started+=($!)
    until (: < "/dev/tcp/127.0.0.1/$peer_port") 2> /dev/null; do
        kill -0 "${started[-1]}" || { cat "$folder/karaf.out"; exit 1; }
        sleep 0.5
    done
}

# Loads the URL $2 for $1 seconds; the rest are options of wrk.
run() {
    wrk -t1 -c"$connections" --latency -d"$1s" "${@:3}" "http://127.0.0.1:$2" > "$folder/wrk.out"
}

milliseconds() {
    awk -v percent="$1%" '$1 == percent {
        value = $2 + 0
        if ($2 ~ /us$/) value /= 1000; else if ($2 !~ /ms$/) value *= 1000
        printf "%.2f", value
    }' "$folder/wrk.out"
}

show() {
    printf '%-18s %12s requests/s %9s ms %9s ms at 99 %%%s\n' "$@"
}

# A round: measures the server $1, a name, at the URL $2; the rest are options of wrk.
measure() {
    run "$seconds" "${@:2}"
    local rate
    rate=$(awk '/^Requests\/sec/ {print $2}' "$folder/wrk.out")
    echo "$rate $(milliseconds 50) $(milliseconds 99)" >> "$folder/$1.rounds"
    show "$1" "$rate" "$(milliseconds 50)" "$(milliseconds 99)" \
        "$(awk '/Non-2xx|Socket errors/ {printf "  (%s)", $0}' "$folder/wrk.out")"
}

# The median of standard input, a number a line.
median() {
    sort -n | awk '{value[NR] = $1}
        END {print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2}'
}

# Shows the medians of a server's rounds.
show_medians() {
    local column medians=()
    for column in 1 2 3; do
        medians+=("$(cut -d' ' -f"$column" "$folder/$1.rounds" | median)")
    done
    show "$1" "${medians[@]}" ""
}
