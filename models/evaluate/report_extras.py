"""The parts of the report beside the claims: few labels, segments, stability, responsible use."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy

from evidence import TEST_TO_TRAIN, Evidence, Judged
from judge import NORMAL, Interval, corrected_interval
from rows import ATTRIBUTE_COLUMNS, MAIN
from splits import HELD_OUT, ONE_SPLIT, REPORT
from text import NONE, change, percent, percent_interval, signed, table

Curve = list[tuple[int, float, float]]
"""Labels, mean AUC, standard deviation of the means by fold, or of the draws where there is one split."""

ALONE, BOTH = f"LR, {MAIN}: state", f"LR, {MAIN}: state; everything"
EVERYTHING, OF_PERIODS = "LR, everything", "LR, all of the periods"
DEFAULT = "default"
"""In the name of a task whose errors are shown by group: those of a credit decision."""

CURVE_ROWS = {
    EVERYTHING: "bespoke: everything",
    OF_PERIODS: "bespoke: periods",
    ALONE: "state",
    BOTH: "state; everything",
}

CLUSTERINGS = ("micro-segments", "state, k-means", "mean shares, k-means", "periods, k-means", "traits, k-means")
PURPOSE_OF_COSTLY = (REPORT, HELD_OUT)


def curve(evidence: Evidence, task: str, row: str, less: str | None = None) -> Curve:
    """The curve of a row, or of its difference to another by draw."""
    by_count: dict[int, list[float]] = defaultdict(list)
    for purpose in PURPOSE_OF_COSTLY:
        first = evidence.of(purpose, "few labels", task, row)
        second = evidence.of(purpose, "few labels", task, less) if less else dict.fromkeys(first, 0.0)
        for key, value in first.items():
            if key in second:
                by_count[int(key[2].split()[0])].append(value - second[key])
    return [(count, float(numpy.mean(some)), float(numpy.std(some))) for count, some in sorted(by_count.items())]


def curve_panels(studies: Sequence[Evidence]) -> list[tuple[str, dict[str, Curve]]]:
    """A panel for each task that has a curve."""
    panels = []
    for one in studies:
        for task in one.tasks():
            lines = {title: curve(one, task, row) for row, title in CURVE_ROWS.items()}
            if any(lines.values()):
                panels.append((task, {title: points for title, points in lines.items() if points}))
    return panels


def few_labels_text(studies: Sequence[Evidence]) -> str:
    """The state less the bespoke numbers, at the fewest and at the most labels."""
    lines = []
    for one in studies:
        for task in one.tasks():
            alone, beside = curve(one, task, ALONE, EVERYTHING), curve(one, task, BOTH, EVERYTHING)
            periods = curve(one, task, ALONE, OF_PERIODS)
            if not alone:
                continue
            for place in sorted({0, len(alone) // 2, len(alone) - 1}):
                shown = [f"{signed(some[place][1])} ± {some[place][2]:.3f}" for some in (periods, alone, beside)]
                lines.append([task, f"{alone[place][0]:,}", *shown])
    header = (
        "task",
        "labels",
        "state less all of the periods",
        "state less everything",
        "state; everything, less everything",
    )
    return table(header, lines) if lines else "Not measured in this run."


def segment_panels(every: Sequence[Judged]) -> list[tuple[str, list[tuple[str, Interval]]]]:
    """The variation that each clustering explains, for each task."""
    panels = []
    for one in every:
        lines = [(title, explained(one, title)) for title in CLUSTERINGS]
        shown = [(title, interval) for title, interval in lines if interval is not None]
        if shown:
            panels.append((one.title, shown))
    return panels


def explained(one: Judged, title: str, less: str | None = None) -> Interval | None:
    """With an interval where there are folds."""
    found = one.evidence.interval(one.purpose, "explained", one.task, title, less)
    return found if one.purpose not in ONE_SPLIT else None


def segments_table(every: Sequence[Judged]) -> str:
    """The variation that micro-segments explain, and how much less the other clusterings of the same number do."""
    lines = []
    for one in every:
        if not one.evidence.has(one.purpose, "explained", one.task, CLUSTERINGS[0]):
            continue
        count = one.evidence.mean(one.purpose, "segments", "", CLUSTERINGS[0])
        if one.purpose in ONE_SPLIT:
            values = [one.evidence.mean(one.purpose, "explained", one.task, title) for title in CLUSTERINGS]
            cells = [NONE if value is None else f"{signed(100 * value, 1)} %" for value in values]
        else:
            first = percent_interval(explained(one, CLUSTERINGS[0]))
            cells = [first, *(less(one, title) for title in CLUSTERINGS[1:])]
        lines.append([one.title, f"{count:.0f}" if count else NONE, *cells])
    return table(("task", "segments", *CLUSTERINGS), lines) if lines else "Not measured in this run."


def less(one: Judged, title: str) -> str:
    """A clustering's own mean, and the micro-segments less it."""
    mean = one.evidence.mean(one.purpose, "explained", one.task, title)
    if mean is None:
        return NONE
    return f"{100 * mean:.1f} %<br>({percent_interval(explained(one, CLUSTERINGS[0], title))})"


STABILITY = (
    "customers", "same leaf", "same leaf by chance", "same top", "same top by chance", "correlation of the state",
    "nearer to itself than to another", "drift, median dimension", "drift, largest",
)  # fmt: skip


def stability_table(studies: Sequence[Evidence]) -> str:
    """Means over the folds of the first repeat."""
    lines = []
    for one in studies:
        found = {name: one.mean(REPORT, "stability", "", name) for name in STABILITY}
        if found["customers"] is None:
            continue
        folds = len(one.of(REPORT, "stability", "", "customers"))

        lines.append(
            [
                one.study,
                f"{found['customers'] * folds:,.0f}",
                f"{percent(found['same leaf'])} ({percent(found['same leaf by chance'])})",
                f"{percent(found['same top'])} ({percent(found['same top by chance'])})",
                number(found["correlation of the state"]),
                percent(found["nearer to itself than to another"]),
                f"{number(found['drift, median dimension'])} / {number(found['drift, largest'])}",
            ]
        )
    header = (
        "study", "customers", "same leaf (by chance)", "same top segment (by chance)", "correlation of states, median",
        "nearer to itself than to another", "drift in deviations: median / largest dimension",
    )  # fmt: skip
    return table(header, lines) if lines else "Not measured in this run."


def number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def gives_away_table(studies: Sequence[Evidence]) -> str:
    """AUC of each attribute."""
    columns = (f"{MAIN} state", f"{MAIN} segment", *ATTRIBUTE_COLUMNS)
    lines = []
    for one in studies:
        purpose = HELD_OUT if any(key[0] == HELD_OUT for key in one.values) else REPORT
        names = dict.fromkeys(
            task for found, measure, task, _ in one.values if (found, measure) == (purpose, "gives away")
        )
        for attribute in names:
            cells = []
            for column in columns:
                interval = None if purpose == HELD_OUT else one.interval(purpose, "gives away", attribute, column)
                mean = one.mean(purpose, "gives away", attribute, column)
                cells.append(
                    NONE
                    if mean is None
                    else f"{mean:.2f}" + (f" [{interval.low:.2f}, {interval.high:.2f}]" if interval else "")
                )
            lines.append(
                [
                    one.study,
                    f"{attribute} ({one.fact('positive', attribute):,} of {one.fact('known', attribute):,})",
                    *cells,
                ]
            )
    return table(("study", "attribute", *columns), lines) if lines else "Not measured in this run."


def errors_table(studies: Sequence[Evidence]) -> str:
    """Of each group the part of bad customers that is missed, and of good ones that is flagged."""
    lines = []
    for one in studies:
        purpose = HELD_OUT if any(key[0] == HELD_OUT for key in one.values) else REPORT
        task = next(
            (
                task
                for found, measure, task, _ in one.values
                if (found, measure) == (purpose, "missed") and DEFAULT in task
            ),
            None,
        )
        if task is None:
            continue
        groups = sorted({key[2] for key in one.of(purpose, "missed", task, EVERYTHING)})
        for attribute in dict.fromkeys(group.rsplit(" ", 1)[0] for group in groups):
            cells = [group_cells(one, purpose, task, f"{attribute} {value}") for value in (1, 0)]
            gaps = [gap(one, purpose, task, attribute, row) for row in (EVERYTHING, BOTH)]
            lines.append([task, attribute, *cells[0], *cells[1], *gaps])
    header = (
        "task", "group", "in it: missed, without → with", "false alarms", "others: missed", "false alarms",
        "difference in missed: without", "with the state",
    )  # fmt: skip
    return table(header, lines) if lines else "Not measured in this run."


def group_mean(one: Evidence, purpose: str, measure: str, task: str, row: str, group: str) -> float | None:
    found = [value for key, value in one.of(purpose, measure, task, row).items() if key[2] == group]
    return float(numpy.mean(found)) if found else None


def group_cells(one: Evidence, purpose: str, task: str, group: str) -> list[str]:
    """Missed and false alarms of a group, without the state and with it."""
    cells = []
    for measure in ("missed", "false alarms"):
        pair = [percent(group_mean(one, purpose, measure, task, row, group)) for row in (EVERYTHING, BOTH)]
        cells.append(" → ".join(pair))
    return cells


def gap(one: Evidence, purpose: str, task: str, attribute: str, row: str) -> str:
    """The group's missed less the others', with its interval: over folds, or that of two proportions on one split."""
    found = one.of(purpose, "missed", task, row)
    pairs = [
        (value, found[repeat, fold, f"{attribute} 0"])
        for (repeat, fold, group), value in found.items()
        if group == f"{attribute} 1" and (repeat, fold, f"{attribute} 0") in found
    ]
    if len(pairs) > 1:
        return change(corrected_interval([first - second for first, second in pairs], TEST_TO_TRAIN), 2)
    counts = [one.fact(f"bad, {purpose}", task, f"{attribute} {value}") for value in (1, 0)]
    return change(difference_of_parts(pairs[0], counts), 2) if pairs and all(counts) else NONE


def difference_of_parts(parts: tuple[float, float], counts: Sequence[int]) -> Interval:
    """The first part less the second, by the normal approximation."""
    variance = sum(part * (1 - part) / count for part, count in zip(parts, counts))
    return Interval(parts[0] - parts[1], NORMAL * math.sqrt(variance))
