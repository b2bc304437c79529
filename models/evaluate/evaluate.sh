#!/usr/bin/env bash
# Judges the features against bespoke models on real data: encode, train, build, score, compare.
#
#   DATA=../shared/data models/evaluate/evaluate.sh [--studies NAMES] [--parts NAMES] [--report-only]
#
# Interrupted, it goes on after the last finished part; without models/evaluate/.work it starts over.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
microseg="${MICROSEG:-$root/target/release/microseg}"
data="$(realpath -m "${DATA:-$root/../shared/data}")"
environment="$root/models/train/.venv"
installed="$environment/installed-evaluate.txt"

[ -x "$microseg" ] || { echo "error: $microseg is missing: make build" >&2; exit 1; }
[ -d "$data" ] || { echo "error: there is no folder $data: say where the data are with DATA=..." >&2; exit 1; }

# PyTorch is large: the training's environment is shared, and takes the rest in.
if ! cmp -s "$here/requirements.txt" "$installed"; then
    echo "installing PyTorch, scikit-learn and matplotlib into models/train/.venv (about 5 GB, once)"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --disable-pip-version-check --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$installed"
fi

# The same sums in the same order, on every processor and in every process.
export ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE OPENBLAS_CORETYPE=Nehalem
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0

cd "$here"
exec nice -n 5 "$environment/bin/python" evaluation.py "$data" \
    --microseg "$microseg" --work "$here/.work" --results "$here" "$@"
