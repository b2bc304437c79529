"""The result as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from measure import Measured

HEAD = (
    "explainer",
    "ms, median",
    "ms, p90",
    "ms of processor",
    "ms in the network",
    "rows through the network",
    "times ours",
    "R² near: median",
    "R² near: p10",
    "R² on its own distribution: median",
    "reports of itself",
    "same numbers twice",
)


def table(all_measured: list[Measured]) -> str:
    """One row for each explainer."""
    ours = {one.explainer.family: one for one in all_measured if one.explainer.name.startswith("microseg")}
    lines = [HEAD, ["---", *["---:"] * (len(HEAD) - 3), "---", "---"]]
    lines += [row(measured, ours) for measured in all_measured]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def row(measured: Measured, ours: dict[str, Measured]) -> list[str]:
    """The cells of one explainer; `ours` are microseg's methods by family."""
    records = measured.records
    milliseconds = gathered(record.milliseconds for record in records)
    near = gathered(record.near for record in records)
    same = sum(record.same_twice for record in records)
    return [
        measured.explainer.name,
        decimals(median_milliseconds(measured)),
        decimals(np.percentile(milliseconds, 90)),
        decimals(median_processor_milliseconds(measured)),
        decimals(np.median(gathered(record.network_milliseconds for record in records))),
        f"{np.median([record.rows for record in records]):,.0f}",
        times(measured, ours),
        f"{np.median(near):.3f}",
        f"{np.percentile(near, 10):.3f}",
        f"{np.median(gathered(record.own for record in records)):.3f}",
        reported(measured),
        "yes" if same == len(records) else "no" if same == 0 else f"{same} of {len(records)}",
    ]


def times(measured: Measured, ours: dict[str, Measured]) -> str:
    """How much longer it takes than our method of the same family, or than our lime while there is none.

    The smaller of the ratios by wall clock and by processor time. A busy machine stretches a long explanation
    more than a short one, which would flatter us by wall clock; and our waiting between threads is no
    processor time.
    """
    reference = ours.get(measured.explainer.family) or ours.get("lime")
    if reference is None:
        return "–"
    ratio = min(of(measured) / of(reference) for of in (median_milliseconds, median_processor_milliseconds))
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def reported(measured: Measured) -> str:
    """The kind of fidelity that it reports, and the median of what it reported."""
    scores = gathered(record.reported for record in measured.records)
    return (
        f"R², {measured.explainer.reports}: {np.median(scores):.3f}"
        if len(scores)
        else measured.explainer.reports
    )


def stages(measured: Measured) -> str:
    """Where the time of one of our methods goes, by its own account."""
    accounts = [account for record in measured.records for account in record.stages]
    parts = [f"{name} {np.median([account[name] for account in accounts]):.2f}" for name in accounts[0]]
    return f"{measured.explainer.name}, `timing_ms`, medians: {', '.join(parts)}"


def median_milliseconds(measured: Measured) -> float:
    return float(np.median(gathered(record.milliseconds for record in measured.records)))


def median_processor_milliseconds(measured: Measured) -> float:
    return float(np.median(gathered(record.processor_milliseconds for record in measured.records)))


def gathered(lists: Iterable[list[float]]) -> np.ndarray:
    """All numbers of all lists."""
    return np.array([number for numbers in lists for number in numbers])


def decimals(milliseconds: float) -> str:
    return f"{milliseconds:.1f}"
