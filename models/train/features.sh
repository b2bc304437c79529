#!/usr/bin/env bash
# Makes the bundle whose state keeps the whole history, the traits among it: simulate, encode, train, choose, export, and let
# `microseg model build` derive the rest.
#
#   CUSTOMERS=20000 SEED=1 JUDGES=10000 JUDGES_SEED=2 models/train/features.sh [--fresh]
#
# Interrupted, it goes on where it was; --fresh starts the trainings over. INTO=DIR makes the bundle in another folder of
# models than this repository's, PYTHON names another Python than that of models/train/.venv.
set -euo pipefail

# Who the network learns from, and who it is then described by: people it never saw.
customers="${CUSTOMERS:-20000}"
seed="${SEED:-1}"
judges="${JUDGES:-10000}"
judges_seed="${JUDGES_SEED:-2}"

name=spending-features
version=1
period=year
window=6
state_sizes="${STATE_SIZES:-96 64 32}" # the longest training first

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
microseg="${MICROSEG:-$root/target/release/microseg}"
into="${INTO:-$root/models}"
work="${WORK:-$here/.work/features}"
stage="$work/bundle"
taxonomy="$root/models/spending-personality/1/taxonomy.csv"
population="microseg simulate --customers $customers --seed $seed"
judging="microseg simulate --customers $judges --seed $judges_seed"

[ -x "$microseg" ] || { echo "$microseg is missing: make build" >&2; exit 1; }
mkdir -p "$work"
source "$here/python.sh"

# What the encoded histories depend on: while it is the same, they are not made again.
origin="$population $period $window $(sha256sum "$microseg" "$taxonomy" | cut -d ' ' -f 1 | tr '\n' ' ')"
if [ "$(cat "$work/origin" 2>/dev/null)" != "$origin" ]; then
    echo "simulating and encoding $customers customers"
    rm -f "$work/origin"
    "$microseg" simulate --customers "$customers" --seed "$seed" |
        "$microseg" encode - --taxonomy "$taxonomy" --period "$period" --window "$window" > "$work/encoded.ndjson"
    echo "$origin" > "$work/origin"
fi

train() {
    "$python" "$here/spending_features.py" "$work/encoded.ndjson" "$taxonomy" --seed "$seed" "$@"
}
export -f train
export python here work taxonomy seed

# Sizes are compared on a part of the customers. One thread each, so as many side by side as there are cores.
few=1000
echo "$state_sizes" | tr ' ' '\n' | xargs --max-procs "${WORKERS:-$(nproc)}" -I SIZE \
    bash -c 'train --hidden-size SIZE --customers '"$few"' --work "$work/few-SIZE" "$@"' train "$@"
candidates=()
for size in $state_sizes; do candidates=("$work/few-$size" "${candidates[@]}"); done
hidden_size="$("$python" "$here/export_features.py" --choose "${candidates[@]}")"

train --hidden-size "$hidden_size" --work "$work/chosen" "$@"

# From here on 32-bit numbers are computed, and written down. These variables ask for the same instructions on every x86-64
# processor that has AVX2; the training needs no such thing (see training.py). oneDNN's oldest instructions would be more
# common still, but with them a customer's last bit depends on who else is in the batch.
export ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=AVX2

"$python" "$here/export_features.py" "${candidates[@]}" --chosen "$work/chosen" --into "$stage" \
    --name "$name" --version "$version" --period "$period" --seed "$seed" --population "$population" --judges "$judging"

"$microseg" simulate --relations > "$stage/relations.csv"
provenance=()
while IFS= read -r entry; do provenance+=(--provenance "$entry"); done < "$stage/provenance.txt"
echo "deriving the bundle from $judges other customers"
"$microseg" simulate --customers "$judges" --seed "$judges_seed" |
    "$microseg" model build - --network "$stage/model.pt" --taxonomy "$taxonomy" --name "$name" --version "$version" \
        --into "$into" --replace --period "$period" --window "$window" --layers 1 --hidden-size "$hidden_size" \
        --golden "$stage/golden.json" --card "$stage/MODEL_CARD.md" \
        --relations "$stage/relations.csv" "${provenance[@]}"
"$microseg" model validate "$into/$name/$version"
