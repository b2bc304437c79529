"""The networks of a split: each is taught by the split's training customers and the company, without labels.

The recipes are those of `models/train/selfsupervised`: *S*, an LSTM, and *L*, a memory that moves linearly, read the
study's periods: the class shares, or the numbers of a statement. *N* is a small LSTM for the numbers of the periods,
beside the shares. *untrained* is S as it is drawn. *CoLES* (Babaev et al. 2022) is a GRU over single transactions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy
import torch

import uci
from cohort import Customer, Study
from reference import (
    Contrast,
    L,
    Layout,
    Recipe,
    S,
    Settings,
    Steps,
    Trained,
    Z,
    network_of,
    train_recipe,
    untrained,
    write_network,
)
from taxonomy_classes import classes_of

Teach = Callable[[Steps, int], Trained]

PACE = replace(S.settings, epochs=30, patience=6, decay=0.92)
"""Half as long as the recipes' own pace, since an evaluation trains dozens of networks. A pace like it was no worse on
two folds of choice."""

STATEMENT = 32
"""State size for statements: six months of eight numbers need less room than shares of dozens of classes."""

COLES = Recipe(
    kind="gru",
    hidden_size=64,
    objectives=(Contrast(copies=5, least=15),),
    settings=Settings(batch=64, epochs=15, patience=4, learning_rate=0.004, decay=0.9),
)
"""pytorch-lifestream's recipe: five sub-sequences a customer, hard negatives, margin 0.5."""
LONGEST = 200
"""Events of a customer, the newest, that CoLES reads: what two cores afford."""


def make_deterministic() -> None:
    """One thread: sums are then always taken in one order, however many cores there are."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def recipe(network: str, study: Study) -> Recipe:
    """What a network is called in the results, and how it is made."""
    found = replace({"S": S, "untrained": S, "L": L, "N": Z}[network], settings=PACE)
    return found.sized(STATEMENT) if study.taxonomy is None and network != "N" else found


def teach(network: str, study: Study, steps: Steps, seed: int) -> Trained:
    """A network from these customers alone; a part of them is kept apart to stop by."""
    if network == "untrained":
        return untrained(recipe(network, study), steps, seed)
    return train_recipe(recipe(network, study), steps, seed)


def steps_of_profiles(profiles: Sequence[numpy.ndarray]) -> Steps:
    """Class shares, left-aligned."""
    numbers = [torch.from_numpy(profile).float() for profile in profiles]
    padded = torch.nn.utils.rnn.pad_sequence(numbers, batch_first=True)
    lengths = torch.tensor([len(one) for one in numbers])
    return Steps.of_numbers(padded, lengths, (True,) * padded.shape[2])


def steps_of_channels(customers: Sequence[Customer], window: int) -> Steps:
    """The numbers of the periods, left-aligned."""
    numbers = [torch.from_numpy(customer.channels[-window:]).float() for customer in customers]
    padded = torch.nn.utils.rnn.pad_sequence(numbers, batch_first=True)
    return Steps.of_numbers(padded, torch.tensor([len(one) for one in numbers]))


def steps_of_events(customers: Sequence[Customer], classes: Sequence[str]) -> Steps:
    """Single transactions: logarithms of amount and of days since the last one, and the class."""
    code = {name: place for place, name in enumerate(classes)}
    numbers, categories = [], []
    for customer in customers:
        transactions = sorted(customer.history["transactions"], key=lambda one: one["timestamp"])[-LONGEST:]
        days = [date.fromisoformat(one["timestamp"][:10]).toordinal() for one in transactions]
        gaps = [0, *(later - earlier for earlier, later in zip(days, days[1:]))]
        amounts = [math.log1p(abs(one["amount"])) for one in transactions]
        numbers.append(torch.tensor(list(zip(amounts, map(math.log1p, gaps)))))
        categories.append(torch.tensor([[code[one["class"]]] for one in transactions]))
    pad = torch.nn.utils.rnn.pad_sequence
    lengths = torch.tensor([len(one) for one in numbers])
    layout = Layout.of_numbers(2, (len(classes),))
    return Steps(pad(numbers, batch_first=True), pad(categories, batch_first=True), lengths, layout)


@torch.no_grad()
def states(trained: Trained, steps: Steps) -> list[numpy.ndarray]:
    """[T, H] of each customer, in the library, without the service."""
    found: list[numpy.ndarray] = []
    for rows in torch.arange(len(steps)).split(512):
        part = steps.at(rows).trimmed()
        for path, length in zip(trained.states(part).double().numpy(), part.lengths.tolist()):
            found.append(path[:length])
    return found


def export(trained: Trained, study: Study, folder: Path) -> list[str | Path]:
    """Writes the network for `model build`, and gives the arguments that describe it."""
    network = folder / "model.pt"
    write_network(network_of(trained), network)
    size = str(trained.memory.hidden_size)
    if study.taxonomy is None:
        return describe(study, size, folder)
    outputs = ",".join(f"next-{name}" for name in classes_of(study.taxonomy))
    return [
        *("--network", network, "--taxonomy", study.taxonomy, "--period", study.period),
        *("--window", str(study.window), "--outputs", outputs, "--layers", "1", "--hidden-size", size),
    ]


def describe(study: Study, size: str, folder: Path) -> list[str | Path]:
    """A description of schema 3: the numbers of a period are the last values of declared fields."""
    names = [uci.field_name(channel) for channel in study.channels]
    description = {
        "description_version": 1,
        "network": "model.pt",
        "sequence": {"step": study.period, "window": study.window},
        "fields": {name: {"type": "number"} for name in names},
        "inputs": {"numbers": [{"of": "last", "field": name, "missing": 0.0} for name in names]},
        "state": [{"name": name, "layers": 1, "size": int(size)} for name in ("h", "c")],
        "state_size": int(size),
        "outputs": [f"next-{name}" for name in names],
    }
    path = folder / "network.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    return ["--description", path, "--taxonomy", uci.TAXONOMY]
