"""Turns finished candidates of `spending-features` into what `microseg model build` takes.

    python export_features.py --choose CANDIDATE...      prints the state size of the one that is taken
    python export_features.py CANDIDATE... --chosen DIR --into DIR

Candidates of several sizes learnt from a part of the customers; the chosen size then learns from all of them.
`model.pt`, `golden.json`, the text of `MODEL_CARD.md` and `provenance.txt` of that network.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import asdict
from pathlib import Path
from string import Template

import torch

from card import COLUMNS, table
from evaluate import HELD_PERIODS
from export import torch_version
from golden import check_golden, make_cases, write_golden
from network import LAYERS
from spending_features import PLAIN, SETTINGS, TRAIT_WEIGHT, Candidate, read_candidate
from taxonomy import TRAITS
from training import make_deterministic

HERE = Path(__file__).parent
PRICE = 0.012
"""A dimension must explain so much more of the validation customers to be worth what it costs: every perturbation of an
explanation, record, state token and table of the bundle pays for it."""


def choose(candidates: list[Candidate]) -> Candidate:
    """The size with the least left unexplained, its price added; the test customers have no say."""
    return min(candidates, key=lambda one: one.loss + PRICE * one.hidden_size)


def choice(candidates: list[Candidate], chosen: Candidate) -> str:
    """What each candidate brings and costs; the chosen one in bold."""
    rows = [
        [
            *("memory", "dimensions", "unexplained, validation", "past R²", "next R²", "traits R², lowest"),
            *("surrogate one step: median, lowest", "free-running: median, lowest", "weights"),
        ]
    ]
    for one in candidates:
        close = one.fidelity
        cells = [
            one.memory,
            str(one.hidden_size),
            f"{one.loss:.4f}",
            f"{one.measures['reconstruct R²']:.3f}",
            f"{one.measures['predict R²']:.3f}",
            f"{min(one.traits.last_period):.4f}",
            f"{close.one_step:.3f}, {close.one_step_lowest:.3f}",
            f"{close.free_running:.3f}, {close.free_running_lowest:.3f}",
            f"{one.parameters:,}",
        ]
        rows.append([f"**{cell}**" for cell in cells] if one.hidden_size == chosen.hidden_size else cells)
    return table(rows)


def evaluation(chosen: Candidate, period: str) -> str:
    """R² of each trait under every condition, as the card of `spending-personality` has it."""
    names = {"period": period, "held": HELD_PERIODS}
    rows = [["trait", *(title.format_map(names) for title in COLUMNS.values())]]
    for index, trait in enumerate(TRAITS):
        rows.append([trait, *(f"{getattr(chosen.traits, column)[index]:.4f}" for column in COLUMNS)])
    return table(rows)


def standards(chosen: Candidate) -> str:
    """Mean and deviation of each raw trait of the training customers."""
    rows = [["trait", "mean of raw", "sd of raw"]]
    for trait, mean, deviation in zip(TRAITS, chosen.standard["mean"], chosen.standard["deviation"]):
        rows.append([trait, f"{mean:.9f}", f"{deviation:.9f}"])
    return table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("candidates", type=Path, nargs="+", help="where spending_features.py left each candidate")
    parser.add_argument("--choose", action="store_true", help="only print the state size of the one that is taken")
    parser.add_argument("--chosen", type=Path, help="where spending_features.py left the chosen size, taught by all customers")
    parser.add_argument("--into", type=Path, help="a folder for the files")
    parser.add_argument("--name", help="the model's name")
    parser.add_argument("--version", help="the model's version")
    parser.add_argument("--period", help="what one step of the network is")
    parser.add_argument("--seed", help="the seed of the training")
    parser.add_argument("--population", help="how the training customers were made")
    parser.add_argument("--judges", help="how the customers of `model build` are made")
    arguments = parser.parse_args()
    candidates = [read_candidate(folder) for folder in arguments.candidates]
    if arguments.choose:
        print(choose(candidates).hidden_size)
        return
    make_deterministic()
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)
    folder: Path = arguments.chosen
    chosen = read_candidate(folder)
    shutil.copy(folder / "model.pt", into / "model.pt")
    network, golden = torch.jit.load(into / "model.pt"), into / "golden.json"
    examples = torch.load(folder / "examples.pt")
    cases = make_cases(network, examples, torch.zeros(LAYERS, chosen.hidden_size))
    write_golden(network, cases, golden)
    check_golden(torch.jit.load(into / "model.pt"), golden)

    counts = {f"{part}_customers": f"{count:,}" for part, count in chosen.customers.items()}
    settings = asdict(SETTINGS) | {"epochs_allowed": SETTINGS.epochs}
    measured = {
        "past": f"{chosen.measures['reconstruct R²']:.3f}",
        "coming": f"{chosen.measures['predict R²']:.3f}",
        "standards": standards(chosen),
        "choice": choice(candidates, chosen),
        "few": f"{candidates[0].customers['train']:,}",
        "evaluation": evaluation(chosen, arguments.period),
    }
    facts = {
        "name": arguments.name,
        "version": arguments.version,
        "period": arguments.period,
        "window": examples.shape[1],
        "classes": examples.shape[2],
        "torch": torch_version(),
        "population": arguments.population,
        "seed": arguments.seed,
        "trait_weight": f"{TRAIT_WEIGHT:g}",
        "price": PRICE,
        "plain": PLAIN,
    }
    plain = asdict(chosen)
    template = Template((HERE / "features_card.template.md").read_text(encoding="utf-8"))
    card = template.substitute(settings | plain | counts | measured | facts)
    (into / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    entries = {
        "torch": torch_version(),
        "training_population": arguments.population,
        "build_population": arguments.judges,
        "training_seed": arguments.seed,
        "training_epochs": str(chosen.best_epoch),
        "lowest_test_r2": f"{min(chosen.traits.last_period):.4f}",
        "note": "Simulated people; traits by a declared rule, not measured. See MODEL_CARD.md.",
    }
    (into / "provenance.txt").write_text("".join(f"{key}={value}\n" for key, value in entries.items()), encoding="utf-8")
    print(f"{into}: {chosen.name}; {len(cases)} golden cases hold, alone and in a full batch")


if __name__ == "__main__":
    main()
