#!/bin/sh
# Makes sure of what the tests need from the system: a Chromium for the browser tests.
#
# The system's own, not the one Playwright would download: it gets its security fixes from the distribution.
set -eu

fail() {
    echo "setup-tests.sh: $*" >&2
    exit 1
}

if command -v chromium >/dev/null 2>&1; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    fail "the browser tests need Chromium: install it, so that \"chromium\" is on the PATH"
fi

echo "setup-tests.sh: installing Chromium from the distribution's packages" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || fail "apt-get update failed"
# Without its recommended packages Chromium has no font, and screenshots would have no text.
apt-get install -y -qq --no-install-recommends chromium fonts-liberation ||
    fail "cannot install the package chromium"
