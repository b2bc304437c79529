#!/usr/bin/env bash
# Tests of the evaluation that need neither the data nor PyTorch, and the evaluation in small; `make test` runs them.
#
# MICROSEG names the program; without it, it is this repository's debug build. The tests of the networks need the
# training's environment: cd models/evaluate && ../train/.venv/bin/python -m unittest test_networks
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-${CARGO_TARGET_DIR:-$root/target}/debug/microseg}"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: cargo build" >&2; exit 1; }

# The list of what is installed is written last: an interrupted installation is repeated.
if ! cmp -s "$here/requirements-test.txt" "$environment/installed.txt"; then
    echo "installing scikit-learn and matplotlib into models/evaluate/.venv (once)" >&2
    [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements-test.txt" >&2
    cp "$here/requirements-test.txt" "$environment/installed.txt"
fi

cd "$here"
exec "$environment/bin/python" -m unittest --quiet test_data test_columns test_judging test_report test_small "$@"
