"""Explanations: the network's numbers as sums over parts of a customer's spending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from microseg.answers import html
from microseg.answers.answer import Answer
from microseg.answers.documents import Document, document, documents, text

RESIDUAL = "not explained"


@dataclass(frozen=True)
class Contribution:
    """What one part adds: a class, a period, a class in one period, a transaction, or the remainder."""

    part: str
    """Its name; it stays the same between customers, except for transactions."""
    title: str
    """What people read."""
    contribution: float
    share: float | None
    """Its share of the spending in the window, 0 to 1; `None` for what is not explained."""
    ci95: tuple[float, float] | None
    """The 95 % interval over the drawing of perturbations."""


@dataclass(frozen=True)
class Target:
    """One of the network's numbers: `value = intercept + the sum of all contributions`."""

    document: Document = field(repr=False)

    @property
    def name(self) -> str:
        """An output, `state.0` and so on, or `segment`."""
        return str(self.document["name"])

    @property
    def value(self) -> float:
        """The network's number."""
        return float(self.document["value"])

    @property
    def intercept(self) -> float:
        """The surrogate's number without any spending."""
        return float(self.document["intercept"])

    @property
    def r2_holdout(self) -> float | None:
        """How well the surrogate predicts the network on data that it was not fitted to; 1 is best."""
        return self.document["fidelity"]["r2_holdout"]

    @property
    def reasons(self) -> Sequence[str]:
        """The strongest contributions in sentences."""
        return [str(each["text"]) for each in documents(self.document.get("reasons"))]

    @property
    def contributions(self) -> Sequence[Contribution]:
        """The strongest parts, then all others in one, then what the surrogate misses."""
        named = [_contribution(each) for each in documents(self.document.get("contributions"))]
        other = document(self.document.get("other"))
        kind, count = next(((name, other[name]) for name in _KINDS if other.get(name) is not None), ("parts", None))
        if count != 0 and other:
            title = f"{count} other {kind}" if count is not None else f"other {kind}"
            named.append(Contribution("other", title, float(other["contribution"]), other.get("share"), None))
        named.append(Contribution("residual", RESIDUAL, float(self.document["residual"]), None, None))
        return named


_KINDS = ("classes", "periods", "cells", "events")


def _contribution(of: Document) -> Contribution:
    event = document(of.get("event"))
    parts = [text(event.get("position")), text(of.get("class")), text(of.get("period"))]
    unclassified = "class" in of and of.get("class") is None and of.get("title") is not None
    titles = [text(of.get("title")), text(of.get("period")), text(event.get("id")) or text(event.get("timestamp"))]
    interval = of.get("ci95")
    return Contribution(
        "unclassified" if unclassified and not event else " ".join(part for part in parts if part is not None),
        ", ".join(title for title in titles if title is not None),
        float(of["contribution"]),
        of.get("share"),
        None if interval is None else (float(interval[0]), float(interval[1])),
    )


@dataclass(frozen=True)
class Explanation(Answer):
    """The explanation of one customer, or the problem that it was refused with."""

    @property
    def id(self) -> str | None:
        """The name of the record: `GET /v1/explanations/{id}`."""
        return text(self.document.get("id"))

    @property
    def verdict(self) -> str | None:
        """`ok`, `borderline`, `low_fidelity`, `unstable` or `nothing_to_explain`."""
        return text(document(self.document.get("quality")).get("verdict"))

    @property
    def targets(self) -> Sequence[Target]:
        """The explained numbers."""
        return [Target(each) for each in documents(self.document.get("targets"))]

    def target(self, name: str | None = None) -> Target:
        """The target of this name; without one the only one, or the first. Raises `KeyError`."""
        targets = self.targets
        if not targets:
            raise KeyError(f"there are no targets: {self.problem}")
        for each in targets:
            if name is None or each.name == name:
                return each
        raise KeyError(f"no target {name!r}: one of {', '.join(each.name for each in targets)}")

    @property
    def reasons(self) -> Sequence[str]:
        """The sentences of all targets."""
        return [reason for target in self.targets for reason in target.reasons]

    def rows(self) -> Iterator[dict[str, object]]:
        """A row for each contribution of each target."""
        for target in self.targets:
            for each in target.contributions:
                low, high = each.ci95 if each.ci95 is not None else (None, None)
                yield {
                    "target": target.name,
                    "value": target.value,
                    "intercept": target.intercept,
                    "part": each.part,
                    "title": each.title,
                    "contribution": each.contribution,
                    "share": each.share,
                    "ci95_low": low,
                    "ci95_high": high,
                    "verdict": self.verdict,
                }

    def to_shap(self, target: str | None = None) -> Any:
        """A `shap.Explanation` of one target, for `shap.plots.waterfall` and others; needs `shap`.

        Its sum is the network's number: what the surrogate misses is a part of its own. Contributions are
        Shapley values only with `method="kernel-shap"`.
        """
        from microseg.answers.shap import one

        return one(self.target(target))

    def plot(self, target: str | None = None, ax: Any = None) -> Any:
        """Bars of the contributions with their intervals; gives matplotlib's axes, and needs `matplotlib`."""
        from microseg.answers.plot import bars

        return bars(self.target(target), self.verdict, ax)

    def _repr_html_(self) -> str:
        if self.problem is not None:
            return f"<p>refused: {html.shown(self.problem)}</p>"
        parts = [f"<p>verdict: {html.shown(self.verdict)}</p>"]
        for target in self.targets:
            reasons = "".join(f"<li>{html.shown(reason)}</li>" for reason in target.reasons)
            rows = [(each.title, each.contribution, each.share) for each in target.contributions]
            parts.append(
                f"<details><summary>{html.shown(target.name)} = {html.shown(target.value)}"
                f"<ul>{reasons}</ul></summary>{html.table(('part', 'contribution', 'share'), rows)}</details>"
            )
        return "".join(parts)


class Explanations(Sequence[Explanation]):
    """Explanations of many customers, in the order of their first rows."""

    def __init__(self, explanations: Sequence[Explanation]) -> None:
        self._explanations = list(explanations)

    @overload
    def __getitem__(self, index: int) -> Explanation: ...
    @overload
    def __getitem__(self, index: slice) -> Explanations: ...
    def __getitem__(self, index: int | slice) -> Explanation | Explanations:
        """One by its place, or several."""
        if isinstance(index, slice):
            return Explanations(self._explanations[index])
        return self._explanations[index]

    def __len__(self) -> int:
        return len(self._explanations)

    def __repr__(self) -> str:
        return f"<{len(self)} explanations>"

    def of(self, customer: object) -> Explanation:
        """The explanation of a customer. Raises `KeyError`."""
        for each in self._explanations:
            if each.customer_id == str(customer):
                return each
        raise KeyError("no explanation of this customer")

    def to_shap(self, target: str | None = None) -> Any:
        """A `shap.Explanation` of one target and all customers, for `shap.plots.beeswarm` and others.

        A part that a customer has no contribution of is zero there: ask for all parts with `top=1000`.
        """
        from microseg.answers.shap import many

        return many([each.target(target) for each in self._explanations if each.problem is None])

    def _repr_html_(self) -> str:
        rows = [(each.customer_id, each.verdict or "refused", "; ".join(each.reasons[:2])) for each in self[:20]]
        return html.table(("customer", "verdict", "first reasons"), rows)
