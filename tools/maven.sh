# Puts temporary files of Maven, which its plugins do not all delete, where mvn clean removes them; sourced by ./test and
# the benchmarks.
mkdir -p target/tmp
export MAVEN_OPTS="-Djava.io.tmpdir=$PWD/target/tmp ${MAVEN_OPTS:-}"
