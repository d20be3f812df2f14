# Sourced by .ci/run: what tests must not leave behind. A port that is left has a process that is left.

# Prints the processes that work in the project's folder or were started from there, but for this shell and its own.
project_processes() {
    local process pid folder
    folder=$(pwd -P)
    for process in /proc/[0-9]*; do
        pid=${process#/proc/}
        if [[ $pid != "$$" && $pid != "$BASHPID" && $pid != "$PPID" ]] \
            && { [[ $(readlink "$process/cwd" || true) == "$folder"* ]] \
                || tr '\0' ' ' < "$process/cmdline" | grep -qF "$folder/"; } 2> /dev/null; then
            echo "$pid $(tr '\0' ' ' < "$process/cmdline" 2> /dev/null | cut -c1-200)"
        fi
    done
}

# Prints what is in the system's folder for temporary files, but for what every JVM makes there and takes back.
temporary_files() {
    find /tmp -mindepth 1 -maxdepth 1 ! -name 'hsperfdata_*' ! -name '.java_pid*' | sort
}

# Prints the sockets among the project's files.
socket_files() {
    find . -type s
}
