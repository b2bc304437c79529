"""What the features' models are given: what `microseg score` says of each customer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy


@dataclass(frozen=True)
class Features:
    """The scorings of customers, a row each."""

    state: numpy.ndarray
    """[B, H]: `features.state`."""
    trajectory: numpy.ndarray
    """[B, 3H]: the state, the mean of all periods' states, and how far the state has come."""
    places: list[tuple[str, ...]]
    """The micro-segments on each customer's path, from the largest to the leaf."""
    attractors: list[str]
    """The nearest attractor, or nothing."""

    @property
    def leaves(self) -> list[str]:
        return [path[-1] for path in self.places]

    def segment(self, train: numpy.ndarray) -> numpy.ndarray:
        """[B, S]: which segments and attractor a customer is in. Only one of a training customer's has a column."""
        sets = [set(path) | {f"attractor {one}"} for path, one in zip(self.places, self.attractors)]
        names = sorted(set().union(*(sets[row] for row in train)))
        return numpy.array([[float(name in found) for name in names] for found in sets])

    def save(self, path: Path) -> None:
        places = json.dumps([self.places, self.attractors])
        path.parent.mkdir(parents=True, exist_ok=True)
        numpy.savez(path, state=self.state, trajectory=self.trajectory, places=numpy.array(places))

    @classmethod
    def load(cls, path: Path) -> Features:
        with numpy.load(path) as file:
            places, attractors = json.loads(str(file["places"]))
            return cls(file["state"], file["trajectory"], [tuple(one) for one in places], attractors)


def read_features(scorings: Iterable[dict[str, Any]]) -> Features:
    """Columns from scorings."""
    states: list[numpy.ndarray] = []
    trajectories: list[numpy.ndarray] = []
    places: list[tuple[str, ...]] = []
    attractors: list[str] = []
    for scoring in scorings:
        state = numpy.array(scoring["features"]["state"])
        visited = numpy.array([step["state"] for step in scoring["trajectory"]])
        states.append(state)
        trajectories.append(trajectory(visited))
        places.append(tuple(level["id"] for level in scoring["segment"]["path"]))
        attractors.append((scoring.get("attractor") or {}).get("id", ""))
    return Features(numpy.stack(states), numpy.stack(trajectories), places, attractors)


def trajectory(visited: numpy.ndarray) -> numpy.ndarray:
    """[3H] of the states [T, H] of one customer's periods."""
    return numpy.concatenate([visited[-1], visited.mean(axis=0), visited[-1] - visited[0]])
