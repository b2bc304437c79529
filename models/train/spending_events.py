"""The network over single transactions, `spending-events`: what it reads, its training, and its export.

    python spending_events.py describe TAXONOMY > inputs.json      what `microseg encode --description` encodes by
    python spending_events.py train ENCODED TAXONOMY HISTORIES --into DIR

The export is the package's in `python/`: `model.pt`, `network.json`, `golden.json`, and the card's text.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any

import torch

from population import digest
from selfsupervised import EVENTS, Layout, NextEvent, Predict, Reconstruct, Recipe, Steps, Trained, network_of, read_steps
from selfsupervised.next_event import NextEventHead
from selfsupervised.output import Coming
from selfsupervised.trainer import Training
from training import make_deterministic

HERE = Path(__file__).parent
# The package of this repository, without installing it.
sys.path.append(str(HERE.parent.parent / "python" / "src"))

import microseg  # noqa: E402

HIDDEN_SIZE = 32
"""The bundle stays below 300 kB: the surrogate has a coefficient for each state and code."""
WINDOW = 512
"""Events that the service reads: some two and a half years of a simulated customer."""
TRAINED_ON = 128
"""Of each customer, the last ones of these; a recurrent network goes on beyond what it was trained on."""
GOLDEN_EVENTS = 6
"""Of each history that becomes a golden case."""
OTHER = "other"
NUMBERS = {"next_amount_log": 0, "next_days_log": 1}
"""Outputs that are numbers, and their place in the inputs: signed_log1p of the amount, log1p of the days until it."""


@dataclass(frozen=True)
class Reading:
    """What the network reads of each transaction."""

    inputs: microseg.Inputs
    kinds: list[str]
    """The groups of the taxonomy, and `OTHER`."""
    kind_of: tuple[int, ...]
    """Of each code of the class, its kind."""

    @property
    def layout(self) -> Layout:
        return Layout.of_description(self.document(), 0)

    @property
    def outputs(self) -> list[str]:
        return [*NUMBERS, *(f"next_{kind.replace('-', '_')}" for kind in self.kinds)]

    def document(self) -> dict[str, Any]:
        """As `network.json` has it, without what is only known of a network."""
        numbers = [number.document() for number in self.inputs.number_list()]
        categories = [category.document() for category in self.inputs.category_list()]
        return {"sequence": sequence().document(), "inputs": {"numbers": numbers, "categories": categories}}


def sequence() -> microseg.Events:
    return microseg.events(window_events=WINDOW)


def reading(taxonomy: Path) -> Reading:
    """Amount, days since the one before, weekday, and the class with codes for unknown and missing ones."""
    classes = microseg.read_taxonomy(taxonomy).classes
    kinds = [*dict.fromkeys(one.group for one in classes), OTHER]
    vocabulary = {one.id: code for code, one in enumerate(classes, start=1)}
    unknown, missing = len(classes) + 1, len(classes) + 2
    inputs = microseg.Inputs(
        numbers=[
            microseg.amount(transforms=["signed_log1p"]),
            microseg.days_since_previous(transforms=["log1p"]),
            microseg.weekday(as_="sine"),
            microseg.weekday(as_="cosine"),
        ],
        categories=[microseg.spending_class(vocabulary, unknown=unknown, missing=missing)],
    )
    other = kinds.index(OTHER)
    kind_of = (other, *(kinds.index(one.group) for one in classes), other, other)
    return Reading(inputs, kinds, kind_of)


def recipe(kind_of: tuple[int, ...]) -> Recipe:
    """EVENTS with the kinds of the next event beside its class."""
    objectives = (Reconstruct(), Predict(ahead=32), NextEvent(weight=0.3, kinds=kind_of))
    return replace(EVENTS.sized(HIDDEN_SIZE), objectives=objectives)


def split(steps: Steps, seed: int) -> tuple[Steps, Steps, Steps]:
    """80 % to learn, 10 % to stop by, 10 % to judge."""
    order = torch.randperm(len(steps), generator=torch.Generator().manual_seed(seed))
    tenth = len(steps) // 10
    return steps.at(order[2 * tenth :]), steps.at(order[:tenth]), steps.at(order[tenth : 2 * tenth])


@torch.no_grad()
def judged(trained: Trained, steps: Steps) -> dict[str, float]:
    """The heads' measures on customers who had no part in anything."""
    states = trained.states(steps)
    found: dict[str, float] = {}
    for head in trained.heads:
        found |= head.measures(states, steps)
    return found


def golden_histories(path: Path) -> dict[str, Any]:
    """The beginning of a raw history, and two that have what the simulation lacks: unknown and missing classes, ties."""
    histories: dict[str, Any] = {}
    with path.open(encoding="utf-8") as file:
        for number, line in zip(range(1, 2), file):
            history = json.loads(line)
            histories[f"customer-{number}"] = {"transactions": history["transactions"][:GOLDEN_EVENTS]}
    day = "2020-02-29T12:00:00Z"
    histories["unknown-and-missing-classes"] = {
        "transactions": [
            {"timestamp": "2020-02-01", "amount": -12.5, "mcc": 5411},
            {"timestamp": "2020-02-03", "amount": -80.0, "mcc": 9950},
            {"timestamp": "2020-02-07", "amount": 1900.0, "class": "salary"},
            {"timestamp": "2020-02-08", "amount": -3.2},
        ]
    }
    histories["events-at-one-instant"] = {
        "time_zone": "Europe/Vienna",
        "transactions": [
            {"timestamp": day, "amount": -20.0, "mcc": 5812, "id": "b"},
            {"timestamp": day, "amount": -20.0, "mcc": 5411, "id": "a"},
            {"timestamp": day, "amount": -5.0, "mcc": 5812},
        ],
    }
    return histories


def table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def evaluation(measures: dict[str, float]) -> str:
    """What the state tells of the past, and of what comes."""
    named = {
        "reconstruct R²": "the history so far: shares of the classes, means and spread of the numbers",
        "predict R²": "the same over the next 32 events",
        "next number 0 R²": "amount of the next event (signed logarithm)",
        "next number 1 R²": "days until it (logarithm)",
    }
    rows = [["what the state must tell", "R²"]]
    rows += [[title, f"{measures[name]:.3f}"] for name, title in named.items()]
    classes, kinds = (
        f"{measures[f'next {what} cross-entropy']:.3f} against {measures[f'next {what} entropy']:.3f}"
        for what in ("category 0", "kind")
    )
    losses = [["next event", "cross-entropy in nats, against the frequencies alone"], ["its class", classes]]
    return table(rows) + "\n\n" + table([*losses, ["its group", kinds]])


def train(arguments: argparse.Namespace) -> None:
    make_deterministic()
    read = reading(arguments.taxonomy)
    steps = read_steps(arguments.encoded, read.layout, last=TRAINED_ON)
    learning, stopping, test = split(steps, arguments.seed)
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)
    chosen = recipe(read.kind_of)
    training = Training(learning, stopping, chosen.make(steps.layout), chosen.objectives, chosen.settings, arguments.seed)
    sources = [*sorted((HERE / "selfsupervised").glob("*.py")), HERE / "linearity.py", Path(__file__)]
    identity = digest(arguments.encoded, arguments.taxonomy, *sources)
    checkpoint = into / "checkpoint.pt"
    if checkpoint.exists() and training.resume(checkpoint, identity):
        print(f"going on after epoch {training.progress.epoch}", flush=True)
    trained = training.run(checkpoint, identity, say=lambda line: print(line, flush=True))
    head = trained.head(NextEventHead)
    measures = judged(trained, test)
    for name, value in measures.items():
        print(f"{name}: {value:.4f}", flush=True)
    network = network_of(trained, Coming(head, trained.scaling, list(NUMBERS.values())))
    microseg.export(
        network,
        inputs=read.inputs,
        sequence=sequence(),
        outputs=read.outputs,
        state=[microseg.StateTensor("h", 1, HIDDEN_SIZE)],
        classes=arguments.taxonomy,
        histories=golden_histories(arguments.histories),
        into=into,
    )
    settings = chosen.settings
    text = Template((HERE / "events_card.template.md").read_text(encoding="utf-8")).substitute(
        population=arguments.population,
        torch=torch.__version__.split("+")[0],
        seed=arguments.seed,
        learning=f"{len(learning):,}",
        stopping=f"{len(stopping):,}",
        test=f"{len(test):,}",
        hidden_size=HIDDEN_SIZE,
        trained_on=TRAINED_ON,
        window=WINDOW,
        kinds=len(read.kinds),
        parameters=f"{trained.parameters:,}",
        batch=settings.batch,
        learning_rate=settings.learning_rate,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        evaluation=evaluation(measures),
    )
    (into / "CARD.md").write_text(text, encoding="utf-8")
    (into / "torch-version").write_text(torch.__version__.split("+")[0], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    describe = commands.add_parser("describe", help="print what is read, for `microseg encode --description`")
    describe.add_argument("taxonomy", type=Path)
    training = commands.add_parser("train", help="train and export")
    training.add_argument("encoded", type=Path, help="what `microseg encode --description` printed")
    training.add_argument("taxonomy", type=Path)
    training.add_argument("histories", type=Path, help="raw histories, for golden cases")
    training.add_argument("--into", type=Path, required=True)
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--population", default="", help="how the customers were made")
    arguments = parser.parse_args()
    if arguments.command == "describe":
        print(json.dumps(reading(arguments.taxonomy).document(), indent=2))
    else:
        train(arguments)


if __name__ == "__main__":
    main()
