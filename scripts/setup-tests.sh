#!/bin/sh
# Makes sure of what the tests need from the system: a Chromium for the browser tests, a library that sets a program's
# clock, and Python with the foreign clients of `contract/`.
#
# The system's own Chromium, not the one Playwright would download: it gets its security fixes from the distribution.
set -eu
cd "$(dirname -- "$0")/.."

fail() {
    echo "setup-tests.sh: $*" >&2
    exit 1
}

# Installs the distribution's packages, where that can be done; else says what is missing.
install() {
    what=$1
    shift
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "$what"
    fi
    echo "setup-tests.sh: installing $* from the distribution's packages" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || fail "apt-get update failed"
    apt-get install -y -qq --no-install-recommends "$@" || fail "cannot install $*"
}

# Without its recommended packages Chromium has no font, and screenshots would have no text.
command -v chromium >/dev/null 2>&1 ||
    install "the browser tests need Chromium: install it, so that \"chromium\" is on the PATH" chromium fonts-liberation

# Sets the clock of a program under test; where it cannot be had, one test says that it did nothing.
if command -v dpkg >/dev/null 2>&1 && ! dpkg -s libfaketime >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
    install "one test sets the clock with libfaketime" libfaketime
fi

clients=.cache/contract
if [ ! -f $clients/installed ] || [ contract/requirements.txt -nt $clients/installed ]; then
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        install "the tests with foreign clients need Python 3.10 or later with venv" python3 python3-venv
    python3 -m venv --clear $clients || fail "cannot make a virtual environment in $clients"
    echo "setup-tests.sh: installing the foreign clients of contract/requirements.txt" >&2
    $clients/bin/pip install --quiet --disable-pip-version-check --requirement contract/requirements.txt ||
        fail "pip could not install contract/requirements.txt; is there a network?"
    touch $clients/installed
fi
