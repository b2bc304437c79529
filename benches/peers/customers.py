"""The customers who are explained: simulated histories, and their totals by period and class."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import numpy as np

LARGEST_DIFFERENCE = 1e-6
"""How far a share that is computed here may be from the one that `microseg encode` prints."""


@dataclass(frozen=True)
class Customer:
    """One customer: the history as microseg takes it, and the totals as the peers take them."""

    history: dict[str, object]

    totals: np.ndarray
    """[T, K]: what was spent in each period on each class."""

    @cached_property
    def active(self) -> np.ndarray:
        """[M]: the classes with spending. An explanation has one coefficient for each of them."""
        return np.flatnonzero(self.totals.sum(axis=0) > 0)

    @cached_property
    def shares(self) -> np.ndarray:
        """[M]: each active class's share of all spending."""
        spending = self.totals[:, self.active].sum(axis=0)
        return spending / spending.sum()

    @property
    def name(self) -> str:
        return str(self.history["customer_id"])


@dataclass(frozen=True)
class Taxonomy:
    """Which class a transaction falls into."""

    classes: list[str]
    """The classes of spending, in the network's order."""

    class_of_code: dict[int, str]
    """By merchant category code; it may name a class of income, too."""

    @classmethod
    def read(cls, path: Path, classes: list[str]) -> Taxonomy:
        """Reads the bundle's taxonomy.csv; `classes` is the manifest's list."""
        class_of_code: dict[int, str] = {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                class_of_code |= dict.fromkeys(codes(row["mcc"]), row["class"])
        return cls(classes, class_of_code)

    def class_of(self, transaction: dict[str, object]) -> str | None:
        """The class that is named, else the one of the merchant category code."""
        named = transaction.get("class")
        return str(named) if named else self.class_of_code.get(int(str(transaction["mcc"])))


def codes(field: str) -> Iterator[int]:
    """The codes of a taxonomy's field: single ones and ranges such as `0743-0744`, with blanks between."""
    for part in field.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def totals(history: dict[str, object], taxonomy: Taxonomy, window: int) -> np.ndarray:
    """[T, K]: spending by calendar year and class, as docs/histories.md says.

    Covers what simulated histories hold: times in UTC, an `as_of` that is the first moment of a year. The
    amounts must be `Decimal`s, so that a sum is exact and a refund leaves nothing behind.
    """
    as_of = str(history["as_of"])
    transactions = [one for one in history["transactions"] if str(one["timestamp"]) < as_of]
    first = min(int(str(one["timestamp"])[:4]) for one in transactions)
    end = int(as_of[:4])
    start = max(first, end - window)
    column = {name: place for place, name in enumerate(taxonomy.classes)}
    sums = [[Decimal(0)] * len(column) for _ in range(start, end)]
    for transaction in transactions:
        period = int(str(transaction["timestamp"])[:4]) - start
        place = column.get(taxonomy.class_of(transaction) or "")
        if period >= 0 and place is not None:
            sums[period][place] -= transaction["amount"]
    # Refunds are set off, never below zero.
    return np.array([[float(max(amount, Decimal(0))) for amount in row] for row in sums])


def profile(spending: np.ndarray) -> np.ndarray:
    """[T, K]: each class's share of its period's spending; 0 in a period without any."""
    whole = spending.sum(axis=1, keepdims=True)
    return spending / np.where(whole > 0, whole, 1.0)


def simulate(microseg: Path, bundle: Path, count: int, seed: int) -> list[Customer]:
    """Draws customers and holds their totals against microseg's own encoder."""
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    if manifest["period"] != "year":
        raise ValueError(f"{bundle} has periods of a {manifest['period']}: here years are added up")
    taxonomy = Taxonomy.read(bundle / "taxonomy.csv", manifest["classes"])
    window = int(manifest["window"])
    drawn = run([microseg, "simulate", "--customers", str(count), "--seed", str(seed)])
    encoded = run(
        [
            microseg,
            "encode",
            "-",
            "--taxonomy",
            bundle / "taxonomy.csv",
            "--period",
            "year",
            "--window",
            str(window),
        ],
        drawn,
    )
    customers = [
        Customer(json.loads(line), totals(json.loads(line, parse_float=Decimal), taxonomy, window))
        for line in drawn.splitlines()
    ]
    for customer, line in zip(customers, encoded.splitlines(), strict=True):
        expected = np.array(json.loads(line)["profile"])
        found = profile(customer.totals)
        if found.shape != expected.shape or np.abs(found - expected).max() > LARGEST_DIFFERENCE:
            raise ValueError(f"{customer.name}: the profile is not the one that microseg encodes")
    return customers


def run(command: list[object], text: str | None = None) -> str:
    """What a command prints, given `text` on its standard input."""
    done = subprocess.run(
        [str(part) for part in command], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} {command[1]} failed: {done.stderr.strip()}")
    return done.stdout
