#!/bin/sh
# Builds the examples with the library as `make install` has put it under $1 for the prefix $2, by compilers $3 and $4.
set -eu
root=$1$2
if command -v pkg-config > /dev/null; then
    found=$(PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --define-variable=prefix="$root" --cflags --libs handoff)
else
    found="-I$root/include -L$root/lib -lhandoff"
fi
out=$1/programs
mkdir -p "$out"
# shellcheck disable=SC2086
$3 -std=c11 -Wall -Wextra -Wpedantic -Werror examples/leak.c $found -o "$out/leak"
# shellcheck disable=SC2086
$4 -std=c++17 -Wall -Wextra -Wpedantic -Werror examples/guestbook.cpp $found -o "$out/guestbook"
$4 -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$root/include" examples/guestbook.cpp "$root/lib/libhandoff.a" -pthread \
    -o "$out/guestbook-static"
# Without a monitor each says what it is, and that in words.
for program in leak guestbook guestbook-static; do
    status=0
    said=$(LD_LIBRARY_PATH=$root/lib "$out/$program" 2>&1 < /dev/null) || status=$?
    if [ "$status" != 2 ] || ! echo "$said" | grep -q HANDOFF_PROTOCOL; then
        echo "FAILED: $program ends with $status and says: $said"
        exit 1
    fi
done
# Nothing is exported but what the header has.
exported=$(nm -D --defined-only "$root/lib/libhandoff.so" | awk '$2 == "T" { print $3 }' | grep -v '^handoff_' || true)
if [ -n "$exported" ]; then
    echo "FAILED: the shared library exports $exported"
    exit 1
fi
echo "4 passed, 0 failed"
