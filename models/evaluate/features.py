"""What the features' models are given: what `microseg score` says of each customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy


@dataclass(frozen=True)
class Features:
    """The scorings of customers, a row each."""

    state: numpy.ndarray
    """[B, H]: `features.state`."""
    trajectory: numpy.ndarray
    """[B, 3H + traits]: the state, the traits, the mean of all periods' states, and how far the state has come."""
    segment: numpy.ndarray
    """[B, S]: which micro-segments the customer is in, at every level, and which attractor is nearest."""


def read_features(scorings: Iterable[dict[str, Any]], train: numpy.ndarray) -> Features:
    """Columns from scorings. Only a segment or attractor that a training customer is in has one."""
    states: list[list[float]] = []
    trajectories: list[numpy.ndarray] = []
    places: list[set[str]] = []
    for scoring in scorings:
        state = numpy.array(scoring["features"]["state"])
        visited = numpy.array([step["state"] for step in scoring["trajectory"]])
        traits = list(scoring["traits"].values())
        states.append(scoring["features"]["state"])
        trajectories.append(numpy.concatenate([state, traits, visited.mean(axis=0), state - visited[0]]))
        places.append(visited_places(scoring))
    names = sorted(set().union(*(places[row] for row in train)))
    return Features(
        state=numpy.array(states),
        trajectory=numpy.stack(trajectories),
        segment=numpy.array([[float(name in place) for name in names] for place in places]),
    )


def visited_places(scoring: dict[str, Any]) -> set[str]:
    """The names of the segments on the customer's path, and of the attractor."""
    segments = {f"segment {level['id']}" for level in scoring["segment"]["path"]}
    attractor = scoring.get("attractor")
    return segments | ({f"attractor {attractor['id']}"} if attractor else set())
