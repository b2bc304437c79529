"""The taxonomy as training needs it: the spending classes in the order of K, and each class's trait coefficients."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import torch

INCOME_GROUP = "income"
"""Money coming in is no spending: classes of this group take no column of a profile, as in the service."""

TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
"""The network's outputs, in order; each is a column of `taxonomy.csv`."""


@dataclass(frozen=True)
class Taxonomy:
    """What `taxonomy.csv` says of spending."""

    classes: list[str]
    """The K class ids, in file order: the columns of a profile."""

    coefficients: torch.Tensor
    """[traits, K], float64; zero where no source gives a sign."""


def read_taxonomy(path: Path) -> Taxonomy:
    """Reads `class,title,group,mcc,<traits>,source`; an empty coefficient is zero."""
    with path.open(encoding="utf-8", newline="") as file:
        spending = [row for row in csv.DictReader(file) if row["group"] != INCOME_GROUP]
    if not spending:
        raise ValueError(f"{path}: no spending class")
    by_trait = [[float(row[trait] or 0.0) for row in spending] for trait in TRAITS]
    return Taxonomy(
        classes=[row["class"] for row in spending],
        coefficients=torch.tensor(by_trait, dtype=torch.float64),
    )
