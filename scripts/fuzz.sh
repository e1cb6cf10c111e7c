#!/bin/sh
# Fuzzes every target for some seconds each: sh scripts/fuzz.sh [SECONDS] [TARGET...]
#
# Without a sanitizer, so that a stable toolchain does: the project has no unsafe code of its own, and what is
# looked for are panics, broken promises, and inputs that take too long or too much memory. A finding lies in
# fuzz/artifacts; the other targets are fuzzed all the same. What was learnt is kept in fuzz/corpus for the next time.
set -eu
cd "$(dirname -- "$0")/.."

seconds=${1:-600}
[ $# -eq 0 ] || shift

command -v cargo-fuzz >/dev/null 2>&1 || {
    echo "cargo-fuzz is not installed: cargo install cargo-fuzz --locked" >&2
    exit 1
}
[ $# -gt 0 ] || set -- $(cargo fuzz list --fuzz-dir fuzz)

cargo fuzz build --sanitizer none --fuzz-dir fuzz
failed=
for target in "$@"; do
    mkdir -p "fuzz/corpus/$target"
    cargo fuzz run --sanitizer none --fuzz-dir fuzz "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 ||
        failed="$failed $target"
done
[ -z "$failed" ] || {
    echo "findings in:$failed; see fuzz/artifacts" >&2
    exit 1
}
