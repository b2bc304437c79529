"""All rows of all tasks: what the page leaves out."""

from __future__ import annotations

from collections.abc import Sequence

from evidence import Evidence, Judged
from rows import BESPOKE, CONTROL, FEATURES, OLD, PERIODS, all_rows
from text import NONE, change, level, table

HEAD = """# All rows of the evaluation

Generated with [RESULTS.md](RESULTS.md) from the files in `raw/`. AUC with its 95 % interval; under it, for features and
controls, the difference to the bespoke row that was chosen for the same information. The last table has what the
training of the networks took.
"""


def all_rows_tables(studies: Sequence[Evidence]) -> str:
    sections = [f"## {one.study}\n\n{rows_table(one)}" for one in studies if one.tasks()]
    return "\n\n".join([HEAD.strip(), *sections, f"## Training\n\n{training_table(studies)}"])


def rows_table(evidence: Evidence) -> str:
    """A line for each row that was measured."""
    columns = [Judged(evidence, task, purpose) for task in evidence.tasks() for purpose in evidence.purposes(task)]
    rows = all_rows(evidence.classes)
    strong = {True: [row.name for row in rows if row.side in (OLD, BESPOKE) and row.knows == PERIODS]}
    strong[False] = [row.name for row in rows if row.side in (OLD, BESPOKE)]
    lines = []
    for row in rows:
        cells = []
        for one in columns:
            cell = level(one.auc(row.name))
            best = one.chosen(strong[row.knows == PERIODS])
            if row.side in (FEATURES, CONTROL) and best and cell != NONE:
                cell += f"<br>{change(one.difference(row.name, best))}"
            cells.append(cell)
        if any(cell != NONE for cell in cells):
            lines.append([row.side, row.name, *cells])
    return table(("side", "row", *(one.title for one in columns)), lines)


def training_table(studies: Sequence[Evidence]) -> str:
    """Epochs, seconds and parameters, by study."""
    lines = []
    for one in studies:
        for purpose, measure, _, row in one.values:
            if measure == "training":
                mean = one.mean(purpose, measure, "", row)
                lines.append([one.study, purpose, row, NONE if mean is None else f"{mean:,.0f}"])
    return table(("study", "splits", "what", "mean"), lines)
