#!/bin/sh
# Makes large Claude directories of known truth, and prints where they are, separated by commas:
#
#     sh scripts/corpora.sh MEGABYTES...
#
# Two seeds of each size, made once into .cache/corpora by make_transcripts.py, which lies beside the repository or where
# PITWALL_SHARED_CLIENTS says.
set -eu
cd "$(dirname -- "$0")/.."

script=${PITWALL_SHARED_CLIENTS:-../shared/clients}/make_transcripts.py
[ -f "$script" ] || {
    echo "there is no $script to make them with" >&2
    exit 1
}

made=
for size in "$@"; do
    for seed in 1 2; do
        folder=$PWD/.cache/corpora/$size-$seed
        if [ ! -f "$folder/truth.json" ]; then
            rm -rf "$folder"
            python3 "$script" --out "$folder" --seed "$seed" --size-mb "$size" \
                --sessions $((2 * size)) --days $((30 + size / 20)) >&2
        fi
        made=${made:+$made,}$folder
    done
done
echo "$made"
