"""The classes of a taxonomy and their trait coefficients, for code that runs without PyTorch."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy

INCOME_GROUP = "income"
"""Money coming in is no spending: classes of this group take no column of a profile, as in the service."""


@cache
def classes_of(path: Path) -> tuple[str, ...]:
    """The spending classes, in the order of a profile's columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row["class"] for row in csv.DictReader(file) if row["group"] != INCOME_GROUP)


TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


@cache
def coefficients_of(path: Path) -> numpy.ndarray:
    """[traits, K]; zero where no source gives a sign."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["group"] != INCOME_GROUP]
    return numpy.array([[float(row[trait] or 0.0) for row in rows] for trait in TRAITS])
