"""The text of the model card: `model_card.template.md` with what was measured.

`microseg model build` adds its own tables below: segments, surrogate, attractors, comparison.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from candidates import Candidate
from evaluate import HELD_PERIODS, Measures
from taxonomy import TRAITS

HERE = Path(__file__).parent
TEMPLATE = HERE / "model_card.template.md"

NOTES = {
    "Real data": HERE.parent / "evaluate" / "RESULTS.md",
    "Scale": HERE / "scale.md",
}
"""Sections that are written elsewhere and taken over whole, where they exist: no training can produce them anew."""

COLUMNS = {
    "last_period": "last {period}",
    "every_period": "every {period}",
    "reduced": "classes and periods removed",
    "partly_shown": "classes hidden",
    "held": "last profile held for {held} periods",
}
"""What `evaluate.py` measures, and how the card calls it."""


@dataclass(frozen=True)
class Facts:
    """What the card must be told beside the trainings."""

    name: str
    version: str
    period: str
    window: int
    torch: str
    population: str
    """The command that made the training customers."""


def model_card(
    chosen: Candidate, candidates: list[Candidate], comparator: Candidate, sizes: dict[int, int], facts: Facts
) -> str:
    """The card; `sizes` are the bytes of model.pt for each state size."""
    settings = asdict(chosen.settings)
    settings["epochs_allowed"] = settings.pop("epochs")
    counts = {f"{part}_customers": f"{count:,}" for part, count in chosen.customers.items()}
    names = {"period": facts.period, "held": HELD_PERIODS}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        asdict(facts)
        | settings
        | counts
        | {
            "classes": chosen.examples.shape[2],
            "epochs": chosen.epochs,
            "best_epoch": chosen.best_epoch,
            "standards": standards(chosen),
            "choice": choice(candidates, chosen, sizes),
            "evaluation": evaluation(chosen.measures, names),
            "comparison": comparison(chosen, comparator),
            "notes": notes(NOTES),
        }
    )


def choice(candidates: list[Candidate], chosen: Candidate, sizes: dict[int, int]) -> str:
    """What each state size brings and costs; the chosen one in bold. Costs are counted: timings differ by the day."""
    rows = [
        ["dimensions", "validation loss", "lowest R²", "mean R²", "weights", "multiplications a period", "bytes of model.pt"]
    ]
    for candidate in candidates:
        size = candidate.settings.hidden_size
        cells = [
            str(size),
            f"{candidate.validation_loss:.6f}",
            *lowest_and_mean(candidate.measures),
            f"{candidate.weights():,}",
            f"{candidate.network.multiplications():,}",
            f"{sizes[size]:,}",
        ]
        rows.append([f"**{cell}**" for cell in cells] if candidate is chosen else cells)
    return table(rows)


def evaluation(measures: Measures, names: dict[str, object]) -> str:
    """R² for each trait, under every condition."""
    rows = [["trait", *(title.format_map(names) for title in COLUMNS.values())]]
    for index, trait in enumerate(TRAITS):
        rows.append([trait, *(f"{getattr(measures, column)[index]:.4f}" for column in COLUMNS)])
    return table(rows)


def comparison(chosen: Candidate, comparator: Candidate) -> str:
    """R² after the last period: the LSTM beside the network that sees no order."""
    rows = [["network", *TRAITS, "weights"]]
    for name, candidate in (("LSTM", chosen), ("feed-forward", comparator)):
        rows.append([name, *(f"{value:.4f}" for value in candidate.measures.last_period), f"{candidate.weights():,}"])
    return table(rows)


def standards(candidate: Candidate) -> str:
    """What the traits are relative to: in the rule, mean and deviation of the training customers."""
    rows = [["trait", "mean of raw", "sd of raw"]]
    for trait, mean, deviation in zip(TRAITS, candidate.standard.mean.tolist(), candidate.standard.deviation.tolist()):
        rows.append([trait, f"{mean:.9f}", f"{deviation:.9f}"])
    return table(rows)


def notes(sections: dict[str, Path]) -> str:
    """The sections that are there, each under its heading; the texts' own headings start one level lower."""
    found = {title: path.read_text(encoding="utf-8").strip() for title, path in sections.items() if path.exists()}
    return "".join(f"## {title}\n\n{text}\n\n" for title, text in found.items())


def lowest_and_mean(measures: Measures) -> tuple[str, str]:
    """Of R² over the traits, after the last period."""
    values = measures.last_period
    return f"{min(values):.4f}", f"{sum(values) / len(values):.4f}"


def table(rows: list[list[str]]) -> str:
    """Markdown; the first row is the header."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)
