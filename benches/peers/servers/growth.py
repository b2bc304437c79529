"""How microseg's cost grows with the transactions of a history and with the samples of an explanation.

The cost is processor time. On a busy machine a request of three milliseconds waits for its turn in steps of the
scheduler's four, and by wall clock everything up to 1,000 samples would seem to cost the same.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from servers.connection import Connection, request
from servers.contenders import PATH
from servers.progress import say
from servers.server import Server

FEWEST_RUNS = 5

NEVER_SURE = 1.0
"""A fidelity that is not reached: sampling would stop where it is sure, and the cost would stop growing there."""

STEEPEST = 1.1
"""A slope on log-log of 1 is cost in proportion; what is above this grows faster than its cause."""

UPPER_POINTS = 3
"""The slope is that of the last points: for little work, what each request costs anyhow hides it."""


@dataclass(frozen=True)
class Curve:
    """What one request takes, asked one at a time."""

    cause: str
    points: list[tuple[int, float]]
    """How many, and milliseconds of processor: the mean of the requests."""

    @property
    def slope(self) -> float:
        return slope(self.points[-UPPER_POINTS:])


def slope(points: list[tuple[int, float]]) -> float:
    """Of the straight line through the points on log-log: the exponent of the growth."""
    return linear_regression(
        [math.log(count) for count, _ in points], [math.log(cost) for _, cost in points]
    ).slope


def by_transactions(server: Server, bodies: dict[int, list[bytes]], seconds: float) -> Curve:
    points = []
    for transactions, some in bodies.items():
        say(f"cost of scoring {transactions:,} transactions")
        points.append((transactions, cost(server, [request(PATH, body) for body in some], seconds, 200)))
    return Curve("transactions of a scored history", points)


def by_samples(server: Server, bodies: list[bytes], samples: list[int], seconds: float) -> Curve:
    points = []
    for count in samples:
        say(f"cost of an explanation with {count:,} samples")
        wishes = [json.loads(body) | {"explain": wish_for(count)} for body in bodies]
        asked = [request("/v1/explain", json.dumps(wish, separators=(",", ":")).encode()) for wish in wishes]
        with server.awake():
            used = json.loads(server.ask(asked[0]).body)["method"]["samples_used"]
        if used != count:
            raise RuntimeError(f"{count:,} samples were asked for and {used:,} used: the curve would be wrong")
        points.append((count, cost(server, asked, seconds, 201)))
    return Curve("samples of an explanation", points)


def wish_for(samples: int) -> dict[str, object]:
    return {"method": "lime", "samples": samples, "fidelity_target": NEVER_SURE}


def cost(server: Server, asked: list[bytes], seconds: float, status: int) -> float:
    """Milliseconds of processor for one request."""
    taken = 0
    with server.awake(), Connection(server.port) as connection:
        for one in asked:
            connection.ask(one)
        busy, begun = server.tree.processor_seconds(), time.monotonic()
        while taken < FEWEST_RUNS or time.monotonic() - begun < seconds:
            answer = connection.ask(asked[taken % len(asked)])
            if answer.status != status:
                raise RuntimeError(f"{answer.status} where {status} was expected: {answer.body[:300]!r}")
            taken += 1
        return 1e3 * (server.tree.processor_seconds() - busy) / taken


def plot(curves: list[Curve], path: Path) -> None:
    """Both curves on log-log, with a line of slope 1 to compare."""
    import matplotlib

    matplotlib.use("svg")
    # The same numbers make the same file.
    matplotlib.rcParams["svg.hashsalt"] = "microseg"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(curves), figsize=(9, 3.6), layout="constrained")
    for panel, curve in zip(panels, curves, strict=True):
        counts, costs = zip(*curve.points, strict=True)
        panel.loglog(counts, costs, "o-", label=f"measured, slope {curve.slope:.2f} at the end")
        panel.loglog(counts, [costs[-1] * count / counts[-1] for count in counts], ":", label="in proportion")
        panel.set(xlabel=curve.cause, ylabel="milliseconds of processor")
        panel.grid(visible=True, which="major", alpha=0.3)
        panel.legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
