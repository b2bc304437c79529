"""Means with intervals: over folds, which share customers, or over resampled customers of one split; and verdicts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy
from scipy import stats

CONFIDENCE = 0.95

MARGIN = 0.02
"""An AUC that is lower by less than this counts as no worse."""


@dataclass(frozen=True)
class Interval:
    mean: float
    half: float
    """The interval is the mean, give or take this."""

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half


def corrected_interval(values: list[float], test_to_train: float) -> Interval:
    """The corrected resampled t interval of Nadeau & Bengio (2003) over the folds of a repeated cross-validation.

    Two folds' training sets overlap, so their results depend on each other, and the variance of their mean does not
    fall to nought with ever more repeats. The correction adds test size / train size to 1 / number of folds.
    """
    count = len(values)
    variance = float(numpy.var(values, ddof=1))
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    return Interval(float(numpy.mean(values)), quantile * math.sqrt((1 / count + test_to_train) * variance))


NORMAL = 1.959964
"""The normal distribution's quantile for `CONFIDENCE`."""


def resampled_interval(whole: float, resampled: list[float]) -> Interval:
    """One split with a bootstrap of its test customers: the models are given, the customers are drawn."""
    return Interval(whole, NORMAL * float(numpy.std(resampled, ddof=1)))


CHANCE = 0.5
"""The AUC of knowing nothing."""

HOLDS, FAILS, NOT_SHOWN = "holds", "fails", "not shown"


def verdict(difference: Interval, bespoke: Interval) -> str:
    """What a difference in AUC, features less bespoke, says of the claim 'at least as well'.

    Where the bespoke model itself may be guessing, to be as good as it is no merit.
    """
    if bespoke.low <= CHANCE and difference.low <= 0:
        return f"**{NOT_SHOWN}**: the bespoke model may be guessing itself"
    if difference.low > 0:
        return f"**{HOLDS}**: the features are better"
    if difference.low > -MARGIN:
        return f"**{HOLDS}** within the margin of {MARGIN}"
    if difference.high < 0:
        return f"**{FAILS}**: the features are worse"
    return f"**{NOT_SHOWN}**: the interval reaches from worse to no worse"


def addition(difference: Interval) -> str:
    """What the features add to numbers that stay beside them."""
    if difference.low > 0:
        return "**helpful**"
    if difference.high < 0:
        return "**harmful**"
    return "neither is shown"
