# Unpacks, starts and stops Karaf for benchmarks, which source this file behind setup.sh. $archive is the archive of the
# distribution, or /dev/null for karaf-assembly's, which is built here; $deadline is the longest wait in seconds.
# Sets $folder, a temporary folder that goes with the script, and $karaf, the process of Karaf's script or empty.
source tools/maven.sh
source tools/starting.sh
if [[ $archive == /dev/null ]]; then
    ./mvnw -q -B -ntp package -DskipTests -pl karaf-assembly -am
    archive=$(realpath karaf-assembly/target/karaf-assembly-*.tar.gz)
fi

folder=$(mktemp -d)
karaf=
end() {
    stop_karaf
    rm -rf "$folder"
}
trap end EXIT

# Waits until the command succeeds, with Karaf in $folder/karaf at $url.
await() {
    local begun=$SECONDS
    until "$@"; do
        if ((SECONDS - begun > deadline)) || ! kill -0 "$karaf" 2> /dev/null; then
            what_it_waits_for "$folder/karaf" "$url/hello" $((SECONDS - begun)) >&2
            exit 1
        fi
        sleep 0.05
    done
}

# Prints the processor time of the process $1 in milliseconds; 0 if it has ended.
processor() {
    local -a field
    read -ra field <<< "$(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null || echo)"
    echo $(((${field[11]:-0} + ${field[12]:-0}) * 1000 / $(getconf CLK_TCK)))
}

# Stops Karaf and its workers in order; kills a Karaf that still runs after a minute.
stop_karaf() {
    [[ -n $karaf ]] || return 0
    local since=$SECONDS
    kill "$karaf" 2> /dev/null || true
    while kill -0 "$karaf" 2> /dev/null && ((SECONDS - since < 60)); do
        sleep 0.1
    done
    kill -9 "$karaf" 2> /dev/null || true
    wait "$karaf" 2> /dev/null || true
    karaf=
}

# Prints four free ports outside the system's default range for clients.
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

# Unpacks the archive into the folder $1 and configures it to listen on the ports $2 to $5.
unpack() {
    mkdir "$1"
    tar -xzf "$archive" -C "$1" --strip-components=1
    with_examples "$1"
    sed -i "s/^#address = .*/address = 127.0.0.1/; s/^#port = .*/port = $2/" "$1/etc/org.handoff.monitor.cfg"
    sed -i "s/^sshHost = .*/sshHost = 127.0.0.1/; s/^sshPort = .*/sshPort = $3/" "$1/etc/org.apache.karaf.shell.cfg"
    sed -i "s/^rmiRegistryPort = .*/rmiRegistryPort = $4/; s/^rmiServerPort = .*/rmiServerPort = $5/" \
        "$1/etc/org.apache.karaf.management.cfg"
}
