#!/usr/bin/env bash
# Scores the same histories with microseg and with the Python servers, and prints one table: `make bench`.
#
#   benches/peers/servers.sh [--quick] [--markdown] [--seed 2109] [--json FILE] [--plot FILE]
#
# MICROSEG names the program, unless it is this repository's release build.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-$root/target/release/microseg}"

[ "$(uname)" = Linux ] || { echo "error: memory and processors are read from Linux's /proc" >&2; exit 1; }
[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: make build" >&2; exit 1; }
command -v taskset >/dev/null || { echo "error: taskset is missing: on Debian and Ubuntu, install util-linux" >&2; exit 1; }

if ! command -v wrk >/dev/null; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "installing wrk, the client" >&2
        apt-get update --quiet >&2 && apt-get install --yes --quiet wrk >&2
    else
        echo "error: wrk is missing: on Debian and Ubuntu, sudo apt-get install wrk" >&2
        exit 1
    fi
fi

# The stamp is written last: an installation that broke off is taken up again.
if ! cmp -s "$here/requirements-servers.txt" "$environment/installed-servers.txt"; then
    echo "installing PyTorch, FastAPI and BentoML into benches/peers/.venv (about 5 GB, once)" >&2
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements-servers.txt" >&2
    cp "$here/requirements-servers.txt" "$environment/installed-servers.txt"
fi

# Paths that the flags name are the caller's: the folder stays, only Python looks here.
PYTHONPATH="$here" exec "$environment/bin/python" -m servers "$@"
