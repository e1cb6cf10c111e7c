#!/bin/sh
# Fetches DuckDB's prebuilt library into .cache/duckdb/current, where the build links it from.
#
# Compiling DuckDB takes about 25 minutes on two cores. DuckDB publishes the same library inside its npm packages,
# so this takes it from there with the ordinary npm client: one exact version, checked against a pinned sha512.
# Nothing else is needed: the Rust bindings bring DuckDB's declarations with them.
#
# Done already: returns at once. Safe to run from several terminals at the same time.
# The other way, without npm: `cargo build --features bundled` compiles DuckDB in.
set -eu

fail() {
    echo "duckdb.sh: $*" >&2
    exit 1
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=$root/.cache/duckdb

case $(uname -s) in
Linux) os=linux library=libduckdb.so ;;
Darwin) os=darwin library=libduckdb.dylib ;;
*) os=$(uname -s) ;;
esac
case $(uname -m) in
x86_64 | amd64) arch=x64 ;;
aarch64 | arm64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac
if [ "$os" = linux ] && ls /lib/ld-musl-* >/dev/null 2>&1; then
    os=linux-musl # glibc's library does not load there
fi

# One line per platform: version of the npm package, then the sha512 of its tarball. The C interface, and so the Rust
# bindings, are the same throughout 1.5; the version differs only where a platform's package came out later.
case $os-$arch in
linux-x64)
    version=1.5.6-r.1
    sha512=21772b64913a904a8cd19e30c1d5671811d7fdface4b7dd53cd0300d743f43e16cf386f4e7c41ef78721ac208870d2651bc6375072145387817824315b998dd5
    ;;
linux-arm64)
    version=1.5.5-r.5
    sha512=09a7c7d8022f5eda700f29c6dca07fe2e10e1d11a516807b6ae091308c07dc128d2286ec00d5792d2a43277b5fc9108522c2ba7bc013d5eb1e5959eed83bf773
    ;;
darwin-x64)
    version=1.5.5-r.5
    sha512=acdd0a8d7d77330550e55e6e7f292896dcbfb5fe1269a7cea4659c500d427a07fdf233de45db09b0413520c5e7f27deee96bcc4991152661c9de66b81ebed5ce
    ;;
darwin-arm64)
    version=1.5.5-r.5
    sha512=58975e2d3172e29460eb4ae46e9f6c9ad94fd62210f04aed2099314bed8b42d335659312072c96fb758fa4da0a7bb2303ed565d9f2e53f0eed0e6416e19f7be2
    ;;
*) fail "no prebuilt DuckDB library for $os-$arch; build with --features bundled instead" ;;
esac

name=$version-$os-$arch
if [ ! -f "$cache/$name/$library" ]; then
    command -v npm >/dev/null 2>&1 ||
        fail "npm is needed to fetch DuckDB's library; install Node.js, or build with --features bundled"
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM

    echo "duckdb.sh: fetching DuckDB $version for $os-$arch" >&2
    package=@duckdb/node-bindings-$os-$arch@$version
    if ! (cd "$work" && npm pack "$package" --fetch-retries=1 --loglevel=error >npm.log 2>&1); then
        # npm tells its reason in many lines, the first of which are codes.
        reason=$(awk '/^npm (error|ERR!)/ && $3 !~ /^(code|syscall|errno|path|type)$/ {
            sub(/^npm [^ ]+ /, ""); print; exit }' "$work/npm.log")
        fail "npm could not fetch $package (${reason:-no reason given}); is there a network?"
    fi
    tarball=$(ls "$work"/*.tgz)

    if command -v sha512sum >/dev/null 2>&1; then
        actual=$(sha512sum <"$tarball")
    else
        actual=$(shasum -a 512 <"$tarball")
    fi
    [ "${actual%% *}" = "$sha512" ] ||
        fail "checksum of $package is ${actual%% *}, not the pinned one; nothing was installed"

    # -m: the archive's files carry a date in 1985, and cargo tells by the date whether to build again.
    mkdir "$work/new"
    tar -xzmf "$tarball" -C "$work/new" --strip-components=1 "package/$library" package/LICENSE ||
        fail "cannot unpack $package into $cache"
    # Appears as a whole or not at all; whoever else fetched meanwhile has put the same files there.
    mv "$work/new" "$cache/$name" 2>/dev/null || [ -f "$cache/$name/$library" ] ||
        fail "cannot write $cache/$name"
    rm -rf "$cache/$name/new"
fi

if [ "$(readlink "$cache/current" 2>/dev/null)" != "$name" ]; then
    ln -sfn "$name" "$cache/current" || fail "cannot write $cache/current"
fi
