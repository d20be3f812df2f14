# Sourced by ./run and the benchmarks that start Karaf: how an unpacked Karaf of ours is started with the examples, and
# what it waits for when its start takes too long. All of it is seen from outside, as a start that hangs has no shell.

# Unpacks the archive $1 of a Karaf into the folder $2, where nothing stays of another one but what was deployed.
unpack_anew() {
    mkdir -p "$2"
    find "$2" -mindepth 1 -maxdepth 1 ! -name deploy -exec rm -rf {} +
    tar -xzf "$1" -C "$2" --strip-components=1
}

# Lets Karaf in the folder $1 install the example handlers at its first start, with its own features: what lies in
# deploy/ is tried too early then, and complains.
with_examples() {
    sed -i 's/^featuresBoot = /&handoff-examples, /' "$1/etc/org.apache.karaf.features.cfg"
}

# Whether the URL $1 answers 200.
answers() {
    curl -sf -m 5 -o /dev/null "$1"
}

# Prints what Karaf in the folder $1 seems to wait for, whose URL $2 has not answered for $3 seconds.
what_it_waits_for() {
    local log=$1/data/log/karaf.log pid answer
    echo "Karaf in $1 has not started after $3 s."
    pid=$(cat "$1/karaf.pid" 2> /dev/null) || true
    if [[ -z $pid ]] || ! kill -0 "$pid" 2> /dev/null; then
        echo "It has no process."
    else
        answer=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$2") || true
        case $answer in
            000) echo "$2: nobody answers." ;;
            *) echo "$2: the answer is $answer." ;;
        esac
        echo "The threads of its process $pid that start bundles and install features:"
        "$JAVA_HOME/bin/jcmd" "$pid" Thread.print 2>&1 | starting_threads
    fi
    echo "The end of $log:"
    tail -n 15 "$log" 2>&1 || true
}

# Of a thread dump, passes on the threads that start Karaf: Felix's start level, the features service, activators that
# wait for a service, Configuration Admin, and the monitor; 12 calls of each.
starting_threads() {
    awk '/^"/ {
             wanted = /^"(FelixStartLevel|FelixDispatchQueue|Initial Features|features-|activator-|CM |handoff-)/
             calls = 0
             if (wanted) print
         }
         wanted && /^\t/ && calls++ < 12 && !/^\t- None/'
}

# Waits until the URL $3 of Karaf in the folder $2 answers, and says each $4 seconds what it waits for. Ends with the
# process $1, by which Karaf was started.
watch_start() {
    local since=$SECONDS said=0
    until answers "$3"; do
        if ! kill -0 "$1" 2> /dev/null; then
            return
        fi
        if ((SECONDS - since >= said + $4)); then
            said=$((SECONDS - since))
            what_it_waits_for "$2" "$3" "$said" >&2
        fi
        sleep 1
    done
    ((said == 0)) || echo "Karaf answers, after $((SECONDS - since)) s." >&2
}
