#!/usr/bin/env bash
# Makes the reference bundle, an LSTM that learns the traits alone: simulate, encode, train, choose, export, and
# let `microseg model build` derive the rest.
#
#   CUSTOMERS=20000 SEED=1 JUDGES=100000 JUDGES_SEED=2 models/train/train.sh [--fresh]
#
# Interrupted, it goes on where it was; --fresh starts the trainings over. INTO=DIR makes the bundle in another folder of
# models than this repository's.
set -euo pipefail

# Who the network learns from, and who it is then described by: people it never saw.
customers="${CUSTOMERS:-20000}"
seed="${SEED:-1}"
judges="${JUDGES:-100000}"
judges_seed="${JUDGES_SEED:-2}"

name=spending-personality
version=1
period=year
window=6
state_sizes="8 5 3" # the longest training first

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
microseg="${MICROSEG:-$root/target/release/microseg}"
into="${INTO:-$root/models}"
work="${WORK:-$here/.work}"
stage="$work/bundle"
taxonomy="$root/models/$name/$version/taxonomy.csv"
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
    "$python" "$here/train.py" "$work/encoded.ndjson" "$taxonomy" --seed "$seed" "$@"
}
export -f train
export python here work taxonomy seed

# One thread each, so as many side by side as there are cores.
echo "$state_sizes" | tr ' ' '\n' | xargs --max-procs "$(nproc)" -I SIZE \
    bash -c 'train --hidden-size SIZE --work "$work/lstm-SIZE" "$@"' train "$@"
candidates=()
for size in $state_sizes; do candidates=("$work/lstm-$size" "${candidates[@]}"); done
hidden_size="$("$python" "$here/candidates.py" "${candidates[@]}")"
train --feed-forward --hidden-size "$hidden_size" --work "$work/feed-forward" "$@"

# From here on 32-bit numbers are computed, and written down. These variables ask for the same instructions on every x86-64
# processor that has AVX2; the training needs no such thing (see training.py). oneDNN's oldest instructions would be more
# common still, but with them a customer's last bit depends on who else is in the batch.
export ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=AVX2

"$python" "$here/export.py" "${candidates[@]}" --feed-forward "$work/feed-forward" --into "$stage" \
    --name "$name" --version "$version" --period "$period" --population "$population" --judges "$judging"

"$microseg" simulate --relations > "$stage/relations.csv"
provenance=()
while IFS= read -r entry; do provenance+=(--provenance "$entry"); done < "$stage/provenance.txt"
echo "deriving the bundle from $judges other customers"
"$microseg" simulate --customers "$judges" --seed "$judges_seed" |
    "$microseg" model build - --network "$stage/model.pt" --taxonomy "$taxonomy" --name "$name" --version "$version" \
        --into "$into" --replace --period "$period" --window "$window" --golden "$stage/golden.json" \
        --card "$stage/MODEL_CARD.md" --compare "feed-forward=$stage/feed-forward.pt" --relations "$stage/relations.csv" \
        "${provenance[@]}"
"$microseg" model validate "$into/$name/$version"
