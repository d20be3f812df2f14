# Sourced by the benchmarks that start Karaf: makes one ready in a folder of its own, and ends it. The archive of the
# distribution is $archive, and the process of Karaf's script $karaf, which is empty where there is none.

# Ends Karaf and its workers in order; one that has not ended after a minute is killed.
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
