#!/usr/bin/env bash
# Asks the server with clients that others wrote: `make test` runs this after the Rust tests.
#
# MICROSEG names the program, unless it is this repository's debug build.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-${CARGO_TARGET_DIR:-$root/target}/debug/microseg}"

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: cargo build" >&2; exit 1; }

# The stamp is written last: an installation that broke off is taken up again.
if ! cmp -s "$here/requirements.txt" "$environment/installed.txt"; then
    echo "installing the clients into tests/clients/.venv (once)" >&2
    [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$environment/installed.txt"
fi

cd "$here"
exec "$environment/bin/python" -m unittest --quiet "$@"
