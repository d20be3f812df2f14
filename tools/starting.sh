# Starts our Karaf with the examples, and diagnoses a start that takes too long; sourced by ./run and some benchmarks.
# The diagnosis works from outside, as a hanging start has no shell.

# Unpacks the archive $1 of a Karaf into the folder $2, and removes a former Karaf from it, except deploy/.
unpack_anew() {
    mkdir -p "$2"
    find "$2" -mindepth 1 -maxdepth 1 ! -name deploy -exec rm -rf {} +
    tar -xzf "$1" -C "$2" --strip-components=1
}

# Lets Karaf in the folder $1 install the example handlers at its first start, with its own features: from deploy/ they
# would start too early, with errors in the log.
with_examples() {
    sed -i 's/^featuresBoot = /&handoff-examples, /' "$1/etc/org.apache.karaf.features.cfg"
}

# Whether the URL $1 answers 200.
answers() {
    curl -sf -m 5 -o /dev/null "$1"
}

# Prints what the start of Karaf in the folder $1 seems to wait for; its URL $2 has not answered for $3 seconds.
what_it_waits_for() {
    local log=$1/data/log/karaf.log pid answer
    echo "Karaf in $1 has not started after $3 s."
    pid=$(cat "$1/karaf.pid" 2> /dev/null) || true
    if [[ -z $pid ]] || ! kill -0 "$pid" 2> /dev/null; then
        echo "Its process does not run."
    else
        answer=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$2") || true
        case $answer in
            000) echo "$2: nobody answers." ;;
            *) echo "$2: the answer is $answer." ;;
        esac
        echo "Threads of its process $pid that start bundles and install features:"
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

# Waits until the URL $3 of Karaf in the folder $2 answers, and prints every $4 seconds what the start waits for. Ends
# with the process $1, which started Karaf.
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
