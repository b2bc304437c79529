#!/usr/bin/env bash
# Makes the reference bundle's network: simulate, encode, train, export.
#
#   CUSTOMERS=20000 SEED=1 models/train/train.sh [--fresh]
#
# Interrupted, it goes on where it was; --fresh starts the training over.
set -euo pipefail

customers="${CUSTOMERS:-20000}"
seed="${SEED:-1}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
microseg="${MICROSEG:-$root/target/release/microseg}"
bundle="$root/models/spending-personality/1"
work="$here/.work"
population="microseg simulate --customers $customers --seed $seed"

[ -x "$microseg" ] || { echo "$microseg is missing: make build" >&2; exit 1; }
mkdir -p "$work"

if ! cmp -s "$here/requirements.txt" "$here/.venv/installed.txt"; then
    echo "installing PyTorch into models/train/.venv (about 5 GB, once)"
    python3 -m venv "$here/.venv"
    "$here/.venv/bin/pip" install --disable-pip-version-check --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$here/.venv/installed.txt"
fi

# What the encoded histories depend on: while it is the same, they are not made again.
origin="$population $(sha256sum "$microseg" "$bundle/taxonomy.csv" | cut -d ' ' -f 1 | tr '\n' ' ')"
if [ "$(cat "$work/origin" 2>/dev/null)" != "$origin" ]; then
    echo "simulating and encoding $customers customers"
    rm -f "$work/origin"
    "$microseg" simulate --customers "$customers" --seed "$seed" |
        "$microseg" encode - --taxonomy "$bundle/taxonomy.csv" > "$work/encoded.ndjson"
    echo "$origin" > "$work/origin"
fi

# TorchScript writes a layer's constants in the order of a set of strings, which Python draws anew in every process.
export PYTHONHASHSEED=0

cd "$here"
.venv/bin/python train.py "$work/encoded.ndjson" "$bundle/taxonomy.csv" --work "$work" --seed "$seed" "$@"
.venv/bin/python export.py "$work" "$bundle" --population "$population"
