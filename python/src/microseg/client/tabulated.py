"""Answers as tables of the caller's library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microseg.answers.scoring import Scoring
from microseg.client.outcomes import Outcomes

Row = Mapping[str, object]


def scorings(outcomes: Outcomes, *, with_problems: bool) -> object:
    """A row for each customer."""
    rows: list[Row] = []
    for customer in outcomes.customers:
        scoring = Scoring(outcomes.document(customer))
        problem = {"problem": scoring.problem} if with_problems else {}
        rows.append({_key(outcomes): customer.key, **problem, **({} if scoring.problem else scoring.row())})
    return outcomes.read.frame.build(_columns(rows), _key(outcomes))


def trajectories(outcomes: Outcomes, *, with_problems: bool) -> object:
    """A row for each customer and period; a refused one has a row with its problem."""
    rows: list[Row] = []
    for customer in outcomes.customers:
        scoring = Scoring(outcomes.document(customer))
        key = {_key(outcomes): customer.key, **({"problem": scoring.problem} if with_problems else {})}
        if scoring.problem is not None:
            rows.append(key)
        for step in scoring.trajectory:
            state = {f"state.{place}": value for place, value in enumerate(step.state)}
            money = {"spending": step.spending, "transactions": step.transactions}
            rows.append({**key, "period": step.period, **state, **step.outputs, **money})
    return outcomes.read.frame.build(_columns(rows))


def _key(outcomes: Outcomes) -> str:
    return outcomes.read.columns.names["customer_id"]


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    # A refused customer's row has fewer columns than the others; the longest one has all, in their order.
    names = list(max(rows, key=len)) if rows else []
    return {name: [row.get(name) for row in rows] for name in names}
