# Goes to the project's folder and sets JAVA_HOME; sourced by ./run, ./test and the benchmarks. On Debian, as root,
# installs missing packages; elsewhere names them.
# Karaf 4.4 needs the security manager, which Java 24 removed: 17 is preferred, any up to 23 will do.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The major version of the JDK in the folder $1; nothing where there is no JDK.
jdk_version() {
    [[ -x $1/bin/java && -x $1/bin/javac ]] || return 0
    "$1/bin/javac" -version 2>&1 | sed -nE 's/^javac (1\.)?([0-9]+).*/\2/p'
}

# Prints the first JDK from 17 to 23: the user's choice, else an installed one.
find_jdk() {
    local on_path home version
    on_path=$(readlink -f "$(command -v javac || true)") || true
    for home in "${JAVA_HOME:-}" "${on_path%/bin/javac}" /usr/lib/jvm/*-17-* /usr/lib/jvm/*; do
        version=$(jdk_version "$home")
        if [[ -n $home && -n $version ]] && ((version >= 17 && version <= 23)); then
            echo "$home"
            return
        fi
    done
}

# Installs Debian packages, or exits with the names of the packages to install.
install_packages() {
    if [[ $(id -u) -eq 0 ]] && command -v apt-get > /dev/null; then
        echo "Installing $*" >&2
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2
    else
        echo "Please install: $* (Debian: apt-get install $*)" >&2
        exit 1
    fi
}

# The README, and with it a test, sends requests by curl.
command -v curl > /dev/null || install_packages curl

JAVA_HOME=$(find_jdk)
if [[ -z $JAVA_HOME ]]; then
    install_packages openjdk-17-jdk-headless
    JAVA_HOME=$(find_jdk)
fi
export JAVA_HOME
