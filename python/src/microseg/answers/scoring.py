"""Scorings: where a customer's trajectory ends, and how it got there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from microseg.answers import html
from microseg.answers.answer import Answer
from microseg.answers.documents import document, documents, number, numbers, text


@dataclass(frozen=True)
class Step:
    """The network after one period."""

    period: str
    state: Sequence[float]
    outputs: dict[str, float]
    spending: float | None
    transactions: int | None


@dataclass(frozen=True)
class Scoring(Answer):
    """The answer for one history, or the problem that it was refused with."""

    @property
    def state(self) -> Sequence[float]:
        """The features: the network's state after the last period."""
        return [float(each) for each in document(self.document.get("features")).get("state", [])]

    @property
    def outputs(self) -> dict[str, float]:
        """The network's outputs after the last period; traits of the reference model."""
        return numbers(self.document.get("traits"))

    @cached_property
    def trajectory(self) -> Sequence[Step]:
        """The network after each period, oldest first."""
        return [
            Step(
                str(step["period"]),
                [float(each) for each in step["state"]],
                numbers(step.get("traits")),
                number(step.get("spending")),
                step.get("transactions"),
            )
            for step in documents(self.document.get("trajectory"))
        ]

    @property
    def segment(self) -> str | None:
        """The micro-segment of the last state."""
        return text(document(self.document.get("segment")).get("id"))

    @property
    def segment_label(self) -> str | None:
        """The micro-segment in words, from the coarsest to the finest."""
        path = documents(document(self.document.get("segment")).get("path"))
        return "; ".join(str(step.get("label")) for step in path) or None

    @property
    def attractor(self) -> str | None:
        """The nearest attractor; `None` where the network has none."""
        return text(document(self.document.get("attractor")).get("id"))

    @property
    def warnings(self) -> Sequence[str]:
        """What the service noticed in the history."""
        return [str(each) for each in document(self.document.get("quality")).get("warnings", [])]

    def row(self) -> dict[str, object]:
        """The scoring in one row; names are those of `microseg score --to parquet`."""
        segment, attractor = document(self.document.get("segment")), document(self.document.get("attractor"))
        quality = document(self.document.get("quality"))
        counts = ("transactions", "used", "netted", "income", "unclassified", "out_of_window")
        return {
            **{f"state.{place}": value for place, value in enumerate(self.state)},
            **self.outputs,
            "segment": self.segment,
            "segment_distance": number(segment.get("distance")),
            "segment_margin": number(segment.get("margin")),
            "attractor": self.attractor,
            "attractor_distance": number(attractor.get("distance")),
            "periods": len(documents(self.document.get("trajectory"))),
            **{name: quality.get(name) for name in counts},
        }

    def _repr_html_(self) -> str:
        if self.problem is not None:
            return f"<p>refused: {html.shown(self.problem)}</p>"
        rows = [(step.period, step.spending, *step.outputs.values()) for step in self.trajectory]
        head = ("period", "spending", *self.outputs)
        return (
            f"<p>micro-segment {html.shown(self.segment)}: {html.shown(self.segment_label)}</p>{html.table(head, rows)}"
        )
