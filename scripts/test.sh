#!/bin/sh
# Every check and every test; `make test` calls it after the set-up.
#
# A failing step does not stop the next one: one run shows everything that is wrong. The test runners come last,
# so that the end of the output is their own summaries.
set -u
cd "$(dirname -- "$0")/.." || exit 1

# rustfmt colours its output by TERM alone, also into a log file.
[ -t 1 ] || export TERM=dumb

failed=

step() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed="$failed${failed:+, }$name"
}

in_folder() {
    (cd "$1" && shift && "$@")
}

rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --no-fail-fast
    else
        echo "cargo-nextest is not installed: falling back to cargo test, which is slower" >&2
        cargo test --workspace --lib --bins --tests --no-fail-fast
    fi
}

step "format" cargo fmt --all --check
step "lints" cargo clippy --workspace --all-targets -- -D warnings
step "dashboard checks" in_folder web npm run --silent check
# Before the Rust tests: the program carries the dashboard inside.
step "dashboard build" "${MAKE:-make}" --no-print-directory web
step "documentation tests" cargo test --workspace --doc --no-fail-fast
step "Rust tests" rust_tests
step "TypeScript client" in_folder clients/typescript npm run --silent test
step "foreign clients" .cache/contract/bin/python -m pytest --quiet -p no:cacheprovider contract
step "types of the browser tests" in_folder e2e npm run --silent check
step "browser tests" in_folder e2e npx --no-install playwright test

if [ -n "$failed" ]; then
    printf '\nfailed: %s\n' "$failed" >&2
    exit 1
fi
