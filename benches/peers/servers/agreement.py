"""That everybody does the same work: nothing is measured before all answers to all histories agree."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

LARGEST_DIFFERENCE = 1e-4
"""Of states and traits; of spending it is relative."""


def difference(ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    """The largest one between two answers; infinite when they tell of other periods, traits or transactions."""
    if list(ours["traits"]) != list(theirs["traits"]) or outline(ours) != outline(theirs):
        return float("inf")
    money = np.abs(spending(ours) - spending(theirs)) / np.maximum(spending(ours), 1.0)
    return max(float(np.abs(numbers(ours) - numbers(theirs)).max()), float(money.max()))


def outline(answer: dict[str, Any]) -> list[tuple[str, int]]:
    return [(period["period"], period["transactions"]) for period in answer["trajectory"]]


def numbers(answer: dict[str, Any]) -> np.ndarray:
    """All states and traits, the final ones first."""
    final = [*answer["features"]["state"], *answer["traits"].values()]
    steps = ([*period["state"], *period["traits"].values()] for period in answer["trajectory"])
    return np.array([final, *steps])


def spending(answer: dict[str, Any]) -> np.ndarray:
    return np.array([period["spending"] for period in answer["trajectory"]])


def agree(name: str, ours: list[bytes], theirs: list[bytes]) -> None:
    """Raises when a contender's answers are not microseg's."""
    for number, (expected, found) in enumerate(zip(ours, theirs, strict=True)):
        apart = difference(json.loads(expected), json.loads(found))
        # Not `>`: NaN is no agreement.
        if not apart <= LARGEST_DIFFERENCE:
            raise ValueError(f"{name} answers history {number} otherwise than microseg: {apart:g} apart")
