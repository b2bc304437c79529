#!/usr/bin/env bash
# Makes the bundle of the network over single transactions: simulate, encode, train, export, and let `microseg model build`
# derive the rest.
#
#   CUSTOMERS=2500 SEED=11 JUDGES=2000 JUDGES_SEED=12 models/train/events.sh
#
# Interrupted, it goes on where it was. INTO=DIR makes the bundle in another folder of models than this repository's.
set -euo pipefail

customers="${CUSTOMERS:-2500}"
seed="${SEED:-11}"
judges="${JUDGES:-2000}"
judges_seed="${JUDGES_SEED:-12}"
name=spending-events
version=1

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
microseg="${MICROSEG:-$root/target/release/microseg}"
into="${INTO:-$root/models}"
work="${WORK:-$here/.work/events}"
stage="$work/bundle"
taxonomy="$root/models/spending-personality/1/taxonomy.csv"
population="microseg simulate --customers $customers --seed $seed"
judging="microseg simulate --customers $judges --seed $judges_seed"

[ -x "$microseg" ] || { echo "$microseg is missing: make build" >&2; exit 1; }
mkdir -p "$work" "$stage"
source "$here/python.sh"

"$python" "$here/spending_events.py" describe "$taxonomy" > "$work/inputs.json"
origin="$population $(sha256sum "$microseg" "$taxonomy" "$work/inputs.json" | cut -d ' ' -f 1 | tr '\n' ' ')"
if [ "$(cat "$work/origin" 2>/dev/null)" != "$origin" ]; then
    echo "simulating and encoding $customers customers"
    rm -f "$work/origin"
    "$microseg" simulate --customers "$customers" --seed "$seed" |
        "$microseg" encode - --taxonomy "$taxonomy" --description "$work/inputs.json" > "$work/encoded.ndjson"
    "$microseg" simulate --customers 4 --seed "$judges_seed" > "$work/golden.ndjson"
    echo "$origin" > "$work/origin"
fi

"$python" "$here/spending_events.py" train "$work/encoded.ndjson" "$taxonomy" "$work/golden.ndjson" --into "$stage" \
    --population "$population"

echo "deriving the bundle from $judges other customers"
"$microseg" simulate --customers "$judges" --seed "$judges_seed" |
    "$microseg" model build - --description "$stage/network.json" --taxonomy "$stage/taxonomy.csv" --name "$name" \
        --version "$version" --into "$into" --replace --golden "$stage/golden.json" --card "$stage/CARD.md" \
        --provenance "torch=$(cat "$stage/torch-version")" --provenance "training_population=$population" --provenance "build_population=$judging" \
        --provenance "note=Simulated people; taught without labels. See MODEL_CARD.md."
"$microseg" model validate "$into/$name/$version" --customers 10  # each takes seconds
