#!/bin/sh
# Fuzzes frames, heads and chunks with libFuzzer for $1 seconds each (60), from the kept corpus in test/corpus, to which
# new inputs are added that reach new code. Needs clang with its runtime (Debian: clang and libclang-rt-dev).
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
build=${BUILD:-build}
clang=${CLANG:-$(command -v clang || command -v clang-14 || true)}
if [ -z "$clang" ]; then
    echo "clang is not installed: apt-get install clang"
    exit 1
fi
mkdir -p "$build/fuzz" test/corpus/frames test/corpus/chunks
for target in frames heads chunks; do
    "$clang" -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -DFUZZ_$target test/fuzz.c src/frame.c src/head.c src/chunks.c src/routes.c vendor/picohttpparser.c \
        -o "$build/fuzz/$target"
    case $target in
        # The corpora of the unit tests are one request a file, told apart by hand: new ones stay outside.
        heads) corpus="test/corpus/heads test/corpus/valid test/corpus/invalid" ;;
        *) corpus=test/corpus/$target ;;
    esac
    mkdir -p "${corpus%% *}"
    # shellcheck disable=SC2086
    "$build/fuzz/$target" -max_total_time="$seconds" -max_len=4096 -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$build/fuzz/$target-" $corpus
    echo "$target: $seconds s, nothing found"
done
