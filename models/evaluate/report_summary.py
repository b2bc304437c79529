"""The result in a few sentences, each written from the numbers: a claim that fails is told as failing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from claims import ALONE, RIVALS, Claim, additions, claim
from evidence import Evidence, Judged
from judge import FAILS, HOLDS, NOT_SHOWN
from report_extras import CLUSTERINGS
from rows import BESPOKE, OLD, PERIODS, all_rows
from splits import FOLDS, OUT_OF_TIME, REPORT
from text import change, listed, signed

OTHER_CLUSTERINGS = ("mean shares, k-means", "periods, k-means", "traits, k-means")

ALMOST_ONE = 1.5
"""Segments in the mean of the folds."""

OLD_TASKS = ("default", "liquidity", "child", "age", "income", "collapse")
"""Those of the first evaluation."""


def summary(studies: Sequence[Evidence], every: Sequence[Judged]) -> str:
    lines = [
        tally(
            "The state alone, beside the best bespoke row of all that is made from the same periods",
            every,
            (OLD, BESPOKE),
        ),
        tally("Beside the rows of the first evaluation", every, (OLD,)),
        old_tasks(every),
        helpful(every),
        *big_study(every),
        *rivals(every),
        segments(every),
        *unfinished(studies),
    ]
    return "\n".join(f"- {line}" for line in lines if line)


def found_claims(every: Sequence[Judged], sides: Sequence[str]) -> list[Claim]:
    found = [claim(one, all_rows(one.evidence.classes), PERIODS, sides) for one in every]
    return [one for one in found if one is not None]


def tally(begin: str, every: Sequence[Judged], sides: Sequence[str]) -> str:
    """How often the claim holds, fails, and is not shown."""
    found = found_claims(every, sides)
    parts = []
    for word in (HOLDS, FAILS, NOT_SHOWN):
        names = [one.judged.title for one in found if one.word == word]
        parts.append(f"*{word}* in {len(names)} of {len(found)}{' (' + ', '.join(names) + ')' if names else ''}")
    return f"{begin}: {', '.join(parts)}." if found else ""


def old_tasks(every: Sequence[Judged]) -> str:
    """The mean over the six old tasks."""
    found = [
        one for one in found_claims(every, (OLD,)) if one.judged.purpose == REPORT and one.judged.task in OLD_TASKS
    ]
    if not found:
        return ""
    mean = float(numpy.mean([one.difference.mean for one in found]))
    aim = "reached" if mean >= 0 else "missed"
    return (
        f"Mean difference to the best old row over {len(found)} of {len(OLD_TASKS)} old tasks, shares alone: "
        f"{signed(mean)} (aim: not below nought; {aim})."
    )


def helpful(every: Sequence[Judged]) -> str:
    """Beside bespoke numbers."""
    found = [(one.title, name, word) for one in every for name, _, word in additions(one)]
    named = {
        word: [f"{title} ({name})" for title, name, one in found if word in one] for word in ("helpful", "harmful")
    }
    if not found:
        return ""
    return (
        f"Beside bespoke numbers, {len(found)} comparisons: the state is helpful in {len(named['helpful'])}"
        f"{listed(named['helpful'])}; harmful in {len(named['harmful'])}{listed(named['harmful'])}; "
        "the rest is undecided."
    )


def big_study(every: Sequence[Judged]) -> list[str]:
    """The studies that have the power to decide."""
    lines = []
    for one in every:
        if one.positive < 1000:
            continue
        found = claim(one, all_rows(one.evidence.classes), PERIODS)
        if found:
            aim = "reached" if found.difference.low > -0.01 else "missed"
            lines.append(
                f"Where there is power ({one.title}, {one.positive:,} positives): {change(found.difference)} to "
                f"{found.bespoke} (aim: lower end above −0.01; {aim})."
            )
    return lines


def unfinished(studies: Sequence[Evidence]) -> list[str]:
    """Studies of which folds are missing: their intervals are wider than they will be."""
    lines = []
    for one in studies:
        found = [(key[0], key[1]) for task in one.tasks() for key in one.of(REPORT, "auc", task, ALONE)]
        folds, expected = len(set(found)), FOLDS * (1 + max((repeat for repeat, _ in found), default=0))
        if 0 < folds < expected:
            lines.append(f"{one.study} is not finished: {folds} of {expected} folds.")
    return lines


def segments(every: Sequence[Judged]) -> str:
    """Whether micro-segments spread outcomes more unequally than other clusters of the same number."""
    found = [
        (one.title, title, one.evidence.interval(one.purpose, "explained", one.task, CLUSTERINGS[0], title))
        for one in every
        for title in OTHER_CLUSTERINGS
        if one.purpose == REPORT
    ]
    shown = [(f"{task} ({title})", difference) for task, title, difference in found if difference is not None]
    if not shown:
        return ""
    better = [name for name, difference in shown if difference.low > 0]
    worse = [name for name, difference in shown if difference.high < 0]
    return (
        f"Micro-segments, beside clusters of shares, of all numbers of the periods and of traits, in {len(shown)} "
        f"comparisons: outcomes are spread more unequally over them in {len(better)}{listed(better)}; less in "
        f"{len(worse)}{listed(worse)}; the rest is undecided.{whole(every)}"
    )


def whole(every: Sequence[Judged]) -> str:
    """Where there is one segment alone, nothing can be spread over it."""
    counts = {one.evidence.study: one.evidence.mean(one.purpose, "segments", "", CLUSTERINGS[0]) for one in every}
    names = [study for study, count in counts.items() if count is not None and count < ALMOST_ONE]
    return f" In hardly any fold was a split into segments reproducible{listed(names)}." if names else ""


def rivals(every: Sequence[Judged]) -> list[str]:
    """The state against what a bank could compress by other means."""
    lines = []
    for title, row in RIVALS:
        found = [(one.title, one.difference(ALONE, row)) for one in every if one.purpose != OUT_OF_TIME]
        shown = [(name, difference) for name, difference in found if difference is not None]
        if not shown:
            lines.append(f"Against {title}: not measured in this run.")
        else:
            mean = float(numpy.mean([difference.mean for _, difference in shown]))
            better = [name for name, difference in shown if difference.low > 0]
            worse = [name for name, difference in shown if difference.high < 0]
            lines.append(
                f"Against {title}: {signed(mean)} in the mean of {len(shown)} tasks; better in {len(better)}"
                f"{listed(better)}; worse in {len(worse)}{listed(worse)}."
            )
    return lines
