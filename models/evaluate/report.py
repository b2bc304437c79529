"""Writes the report from the raw results alone: one page, its plots, and the tables of all rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from claims import Claim, additions, claim
from evidence import Evidence, Judged, judged
from judge import MARGIN, Interval
from plots import bars, curves, differences
from raw import Measurement
from report_extras import (
    curve_panels,
    errors_table,
    few_labels_text,
    gives_away_table,
    segment_panels,
    segments_table,
    stability_table,
)
from report_summary import summary
from report_tables import all_rows_tables
from rows import ALL, OLD, PERIODS, Row, all_rows
from splits import FOLDS
from text import NONE, change, level, table

TEMPLATE = Path(__file__).parent / "results.template.md"
PLOTS = "plots"


def write_report(folder: Path, raw: Mapping[str, Sequence[Measurement]]) -> None:
    """`RESULTS.md`, `TABLES.md` and `plots/` in the folder."""
    studies = [Evidence(name, measured) for name, measured in raw.items()]
    every = judged(studies)
    plots = draw(folder, studies, every)
    repeats = 1 + max((one.repeat for some in raw.values() for one in some if one.purpose == "report"), default=0)
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        summary=summary(studies, every),
        claims=claims_table(every),
        additions=additions_table(every),
        few=few_labels_text(studies),
        segments=segments_table(every),
        stability=stability_table(studies),
        gives_away=gives_away_table(studies),
        errors=errors_table(studies),
        folds=FOLDS,
        repeats=repeats,
        margin=MARGIN,
        counts=counts(studies),
        **plots,
    )
    write(folder / "RESULTS.md", text)
    write(folder / "TABLES.md", all_rows_tables(studies))


def write(path: Path, text: str) -> None:
    """Beside it first, so that an interruption leaves the old one or the new one."""
    beside = path.with_suffix(".new")
    beside.write_text(re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n", encoding="utf-8")
    beside.replace(path)


def rows(one: Judged) -> list[Row]:
    return all_rows(one.evidence.classes)


def claims(every: Sequence[Judged], information: str, *sides: str) -> list[Claim]:
    """All comparisons of a kind."""
    found = [
        claim(one, rows(one), information, sides) if sides else claim(one, rows(one), information) for one in every
    ]
    return [one for one in found if one is not None]


def draw(folder: Path, studies: Sequence[Evidence], every: Sequence[Judged]) -> dict[str, str]:
    """The plots, each where it has something to show; gives the Markdown of each."""
    shown = dict.fromkeys(("differences", "curves", "bars"), "")
    groups = [
        ("state alone, less the best bespoke row", drawn(claims(every, PERIODS))),
        ("state alone, less the best old bespoke row", drawn(claims(every, PERIODS, OLD))),
        (
            "what the state adds to everything (LR)",
            [(one.title, found[1]) for one in every for found in additions(one) if found[0] == "LR, everything"],
        ),
    ]
    if groups := [(title, lines) for title, lines in groups if lines]:
        differences(folder / PLOTS / "differences.svg", groups, "difference in AUC, 95 %")
        shown["differences"] = f"![Differences in AUC with 95 % intervals]({PLOTS}/differences.svg)"
    if panels := curve_panels(studies):
        curves(folder / PLOTS / "few-labels.svg", panels)
        shown["curves"] = f"![AUC over the number of labels]({PLOTS}/few-labels.svg)"
    if panels := segment_panels(every):
        bars(folder / PLOTS / "segments.svg", panels, "variation explained, %")
        shown["bars"] = f"![Variation that segments explain]({PLOTS}/segments.svg)"
    return shown


def drawn(found: Sequence[Claim]) -> list[tuple[str, Interval]]:
    return [(one.judged.title, one.difference) for one in found]


def claims_table(every: Sequence[Judged]) -> str:
    """The state alone against the best bespoke row with the same information, strong or old."""
    lines = []
    for one in every:
        strong, old = claim(one, rows(one), PERIODS), claim(one, rows(one), PERIODS, (OLD,))
        if strong is None:
            continue
        lines.append(
            [
                one.title,
                f"{one.known:,} ({one.positive:,})",
                f"{strong.bespoke}: {level(one.auc(strong.bespoke))}",
                level(one.auc(strong.features)),
                change(strong.difference),
                strong.verdict,
                change(old.difference) if old else NONE,
                f"**{old.word}**" if old else NONE,
            ]
        )
    header = (
        "task", "customers (positives)", "best bespoke row", "state", "difference", "the claim",
        "to the best old row", "then",
    )  # fmt: skip
    return table(header, lines)


def additions_table(every: Sequence[Judged]) -> str:
    """What the state adds beside bespoke numbers, and the best of each side with all information."""
    lines = []
    for one in every:
        found = {name: (difference, word) for name, difference, word in additions(one)}
        best = claim(one, rows(one), ALL)
        cells = [
            f"{change(found[name][0])} {found[name][1]}" if name in found else NONE
            for name in ("LR, money", "LR, everything", "tuned GB, everything")
        ]
        against = f"{change(best.difference)} to {best.bespoke}" if best else NONE
        if any(cell != NONE for cell in cells):
            lines.append([one.title, *cells, against])
    return table(
        ("task", "to money (LR)", "to everything (LR)", "to everything (GB)", "state; everything (LR), less the best"),
        lines,
    )


def counts(studies: Sequence[Evidence]) -> str:
    """How many customers stand behind it."""
    return "; ".join(f"{one.study} {one.fact('customers'):,} + {one.fact('company'):,}" for one in studies)
