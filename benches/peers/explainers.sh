#!/usr/bin/env bash
# Explains the same customers with microseg and with the Python explainers, and prints one table.
#
#   benches/peers/explainers.sh [--customers 50] [--samples 512] [--seed 2109] [--json FILE]
#
# MICROSEG names the program, unless it is this repository's release build.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-$root/target/release/microseg}"

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: make build" >&2; exit 1; }

# The stamp is written last: an installation that broke off is taken up again.
if ! cmp -s "$here/requirements.txt" "$environment/installed.txt"; then
    echo "installing PyTorch, lime, shap and captum into benches/peers/.venv (about 5 GB, once)" >&2
    python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$environment/installed.txt"
fi

# One thread for everybody, whichever library asks; NumPy and PyTorch read these when they are loaded.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

exec "$environment/bin/python" "$here/explainers.py" "$@"
