"""The claims, one for each task and kind of information, with the rows that stand for the two sides.

The features' row is fixed before any result: a logistic regression on S's state, alone or beside everything. The
bespoke row is the best of its side on splits that are not reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence import Judged
from judge import FAILS, HOLDS, NOT_SHOWN, Interval, addition, verdict
from rows import ALL, BESPOKE, MAIN, OLD, PERIODS, Row

ALONE, BESIDE = f"LR, {MAIN}: state", f"LR, {MAIN}: state; everything"

ADDITIONS = (
    ("LR, money", f"LR, {MAIN}: state; money"),
    ("LR, everything", f"LR, {MAIN}: state; everything"),
    ("tuned GB, everything", f"tuned GB, {MAIN}: state; everything"),
)
"""Bespoke numbers, and the same with the state beside them."""

RIVALS = (
    ("an untrained network", "LR, untrained network: state"),
    ("principal components of the aggregates", "LR, PCA of the aggregates"),
    ("CoLES", "LR, CoLES: embedding"),
)


@dataclass(frozen=True)
class Claim:
    """Features against bespoke, where both may know the same."""

    judged: Judged
    information: str
    bespoke: str
    features: str
    difference: Interval
    verdict: str

    @property
    def word(self) -> str:
        return next(word for word in (HOLDS, FAILS, NOT_SHOWN) if f"**{word}**" in self.verdict)


def names(rows: Sequence[Row], sides: Sequence[str], knows: Sequence[str]) -> list[str]:
    return [row.name for row in rows if row.side in sides and row.knows in knows]


def claim(one: Judged, rows: Sequence[Row], information: str, sides: Sequence[str] = (OLD, BESPOKE)) -> Claim | None:
    """One comparison; None where its rows were not measured."""
    allowed = (PERIODS,) if information == PERIODS else (PERIODS, ALL)
    bespoke = one.chosen(names(rows, sides, allowed))
    features = ALONE if information == PERIODS else BESIDE
    if bespoke is None:
        return None
    difference, level = one.difference(features, bespoke), one.auc(bespoke)
    if difference is None or level is None:
        return None
    return Claim(one, information, bespoke, features, difference, verdict(difference, level))


def additions(one: Judged) -> list[tuple[str, Interval, str]]:
    """What the state adds to bespoke numbers: which, how much, and the verdict."""
    found = [(bespoke, one.difference(both, bespoke)) for bespoke, both in ADDITIONS]
    return [(name, difference, addition(difference)) for name, difference in found if difference is not None]
