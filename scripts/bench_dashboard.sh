#!/bin/sh
# How long the dashboard's pages take in a browser: scripts/bench_dashboard.sh [DIR]
#
# Makes its data in DIR [default: target/bench-dashboard] the first time: the demo's organization (40 developers, 90
# days), and that one multiplied (2,000 developers, 360 days). Serves each and prints a table for docs/benchmarks.md.
set -eu
cd "$(dirname -- "$0")/.."

dir=${1:-target/bench-dashboard}
pitwall=${PITWALL_BIN:-target/release/pitwall}
[ -x "$pitwall" ] || { echo "bench_dashboard.sh: build the program first: make build" >&2; exit 1; }
mkdir -p "$dir"

if [ ! -d "$dir/demo" ]; then
    "$pitwall" demo --data "$dir/demo.part" --developers 40 --days 90 --http 127.0.0.1:0 --fill-only --json >"$dir/demo.json"
    mv "$dir/demo.part" "$dir/demo"
fi
if [ ! -d "$dir/large" ]; then
    rm -rf "$dir/large.part"
    cp -r "$dir/demo" "$dir/large.part"
    cargo run --quiet --release -p store-duckdb --example multiply -- "$dir/large.part/ledger.duckdb" 50 4 90
    mv "$dir/large.part" "$dir/large"
fi

measure() {
    data=$1
    shift
    printed=$(mktemp)
    "$pitwall" serve --data "$dir/$data" --http 127.0.0.1:0 --grpc 127.0.0.1:0 --no-transcripts >"$printed" 2>&1 &
    server=$!
    # Whatever goes wrong, the server ends.
    trap 'kill "$server" 2>/dev/null || true' EXIT
    address=
    while [ -z "$address" ]; do
        kill -0 "$server" || { cat "$printed" >&2; exit 1; }
        address=$(grep -o -m 1 'http://127\.0\.0\.1:[0-9]*' "$printed" || true)
        sleep 0.2
    done
    for query in "$@"; do
        printf '\n%s, %s:\n\n' "$data" "$query"
        (cd e2e && node bench/pages.mjs "$address" "$query")
    done
    kill "$server"
    wait "$server" || true
    trap - EXIT
    rm -f "$printed"
}

measure demo "range=30d&tz=UTC" "range=90d&tz=UTC"
measure large "range=30d&tz=UTC"
