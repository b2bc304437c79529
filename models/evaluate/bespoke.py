"""What a bespoke model is given: the class shares of the encoder's periods, summed up over the window."""

from __future__ import annotations

import numpy

from reference import Population

COLUMNS = ("mean", "last", "trend")


def mean_shares(population: Population) -> numpy.ndarray:
    """[B, K]: the mean share of each class over the periods with spending, as a square root.

    Shares are skewed: most are near nought. The root is what a modeller would take before a linear model; trees do not
    care.
    """
    return numpy.sqrt(numpy.stack([periods.mean(axis=0) for periods in spending_periods(population)]))


def shares_in_time(population: Population) -> numpy.ndarray:
    """[B, 3K]: mean, last period, and the later half less the earlier one, as roots (signed for the last)."""
    rows: list[numpy.ndarray] = []
    for periods in spending_periods(population):
        half = len(periods) // 2
        earlier = periods[:half].mean(axis=0) if half else periods[0]
        trend = periods[half:].mean(axis=0) - earlier
        mean_and_last = numpy.sqrt(numpy.concatenate([periods.mean(axis=0), periods[-1]]))
        rows.append(numpy.concatenate([mean_and_last, numpy.sign(trend) * numpy.sqrt(numpy.abs(trend))]))
    return numpy.stack(rows)


def spending_periods(population: Population) -> list[numpy.ndarray]:
    """Each customer's periods in which something was spent, [T', K]."""
    profiles = population.profiles.numpy().astype(numpy.float64)
    lengths = population.lengths.tolist()
    histories = [profile[:length] for profile, length in zip(profiles, lengths)]
    return [periods[periods.sum(axis=1) > 0] for periods in histories]
