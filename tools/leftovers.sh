# Finds what tests must not leave behind; sourced by .ci/run. An open port shows as its process.

# Prints the processes that work in the project's folder or were started from it, except this shell and its subshells,
# which share its command line.
project_processes() {
    local process folder line own
    folder=$(pwd -P)
    own=$(tr '\0' ' ' < "/proc/$$/cmdline")
    for process in /proc/[0-9]*; do
        line=$(tr '\0' ' ' 2> /dev/null < "$process/cmdline") || continue
        if [[ $line != "$own" && ($line == *"$folder/"* || $(readlink "$process/cwd") == "$folder"*) ]]; then
            echo "${process#/proc/} ${line:0:200}"
        fi
    done 2> /dev/null
}

# Prints the system's temporary files, except those that every JVM makes and removes.
temporary_files() {
    find /tmp -mindepth 1 -maxdepth 1 ! -name 'hsperfdata_*' ! -name '.java_pid*' | sort
}

# Prints the sockets among the project's files.
socket_files() {
    find . -type s
}
