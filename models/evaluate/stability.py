"""Stability in time: what becomes of a customer's segment and state within half a year, and of the population."""

from __future__ import annotations

import numpy

from features import Features
from measures import Value


def stability(now: Features, before: Features, rows: numpy.ndarray, deviation: numpy.ndarray) -> list[Value]:
    """Of customers `rows` of `now`, whose scorings half a year before are `before`; `deviation` [H] of all states."""
    leaves, tops = [now.leaves[row] for row in rows], [now.places[row][0] for row in rows]
    was_leaves, was_tops = before.leaves, [path[0] for path in before.places]
    state, was = now.state[rows] / deviation, before.state / deviation
    moved = numpy.linalg.norm(state - was, axis=1)
    others = numpy.linalg.norm(state - numpy.roll(was, 1, axis=0), axis=1)
    correlation = [numpy.corrcoef(state[:, place], was[:, place])[0, 1] for place in range(state.shape[1])]
    drift = numpy.abs(state.mean(axis=0) - was.mean(axis=0))
    values = {
        "customers": float(len(rows)),
        "same leaf": agreement(leaves, was_leaves),
        "same leaf by chance": by_chance(leaves, was_leaves),
        "same top": agreement(tops, was_tops),
        "same top by chance": by_chance(tops, was_tops),
        "correlation of the state": float(numpy.nanmedian(correlation)),
        "nearer to itself than to another": float((moved < others).mean()),
        "drift, median dimension": float(numpy.median(drift)),
        "drift, largest": float(drift.max()),
    }
    return [("stability", "", name, "", value) for name, value in values.items()]


def agreement(first: list[str], second: list[str]) -> float:
    return float(numpy.mean([one == other for one, other in zip(first, second)]))


def by_chance(first: list[str], second: list[str]) -> float:
    """What two who know nothing of each other would agree on, each with its own frequencies."""
    names = set(first) | set(second)
    return float(sum(first.count(name) * second.count(name) for name in names) / (len(first) * len(second)))
