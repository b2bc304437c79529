"""Turns finished trainings into what `microseg model build` takes: `python export.py CANDIDATE... --into DIR`.

`model.pt`, `golden.json`, the text of `MODEL_CARD.md` and `provenance.txt` of the chosen network, and `feed-forward.pt`.
Everything else in the bundle is derived from the network by `microseg model build`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from archive import save_reproducibly
from candidates import Candidate, choose, read_candidate
from card import Facts, model_card
from golden import check_golden, make_cases, write_golden
from network import LAYERS
from training import make_deterministic


def export(candidate: Candidate, path: Path) -> torch.jit.ScriptModule:
    """Writes TorchScript, and says what it wrote."""
    script = torch.jit.script(candidate.network)
    save_reproducibly(script, path)
    return script


def provenance(chosen: Candidate, population: str, judges: str) -> dict[str, str]:
    """What the manifest says of where the network comes from; `model build` adds who made the rest."""
    return {
        "torch": torch_version(),
        "training_population": population,
        "build_population": judges,
        "training_seed": str(chosen.settings.seed),
        "training_epochs": str(chosen.best_epoch),
        "lowest_test_r2": f"{min(chosen.measures.last_period):.4f}",
        "note": "Simulated people; traits by a declared rule, not measured. See MODEL_CARD.md.",
    }


def torch_version() -> str:
    """2.13.0, without what the build says of its devices."""
    return torch.__version__.split("+")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidates", type=Path, nargs="+", help="where train.py left the LSTMs of each state size")
    parser.add_argument("--feed-forward", type=Path, required=True, help="where it left the comparator")
    parser.add_argument("--into", type=Path, required=True, help="a folder for the files")
    parser.add_argument("--name", required=True, help="the model's name")
    parser.add_argument("--version", required=True, help="the model's version")
    parser.add_argument("--period", required=True, help="what one step of the network is")
    parser.add_argument("--population", required=True, help="how the training customers were made")
    parser.add_argument("--judges", required=True, help="how the customers of `model build` are made")
    arguments = parser.parse_args()
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)

    make_deterministic()
    candidates = [read_candidate(folder) for folder in arguments.candidates]
    comparator = read_candidate(arguments.feed_forward)
    chosen = choose(candidates)

    sizes = {}
    for candidate, folder in zip(candidates, arguments.candidates):
        export(candidate, folder / "model.pt")
        sizes[candidate.settings.hidden_size] = (folder / "model.pt").stat().st_size
    export(comparator, into / "feed-forward.pt")
    model, golden = into / "model.pt", into / "golden.json"
    script = export(chosen, model)
    cases = make_cases(script, chosen.examples, torch.zeros(LAYERS, chosen.settings.hidden_size))
    write_golden(script, cases, golden)
    check_golden(torch.jit.load(model), golden)

    facts = Facts(
        name=arguments.name,
        version=arguments.version,
        period=arguments.period,
        window=chosen.examples.shape[1],
        torch=torch_version(),
        population=arguments.population,
    )
    card = model_card(chosen, candidates, comparator, sizes, facts)
    (into / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    entries = provenance(chosen, arguments.population, arguments.judges).items()
    (into / "provenance.txt").write_text("".join(f"{key}={value}\n" for key, value in entries), encoding="utf-8")
    print(f"{into}: {chosen.settings.hidden_size} dimensions; {len(cases)} golden cases hold, alone and in a full batch")


if __name__ == "__main__":
    main()
