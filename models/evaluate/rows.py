"""The rows of the results: a classifier on some columns."""

from __future__ import annotations

from dataclasses import dataclass

OLD, BESPOKE, FEATURES, CONTROL = "bespoke, old", "bespoke", "features", "control"
"""Sides. Old rows are those of the first evaluation. A control belongs to neither side."""

PERIODS, ALL = "periods alone", "all that is known"
"""What a row knows: what the networks read of each period (shares, or numbers of a statement), or everything."""

MAIN = "S"
"""The network that segments, stability and responsible use are judged by."""
NETWORKS = ("S", "L")
"""The networks of the study's periods; `networks.py` tells what they are."""


@dataclass(frozen=True)
class Row:
    """A line of the results."""

    title: str
    columns: str
    classifier: str
    side: str
    knows: str

    @property
    def name(self) -> str:
        return f"{self.classifier}, {self.title}"


def rows_of(title: str, columns: str, side: str, knows: str, *classifiers: str) -> list[Row]:
    """A row for each classifier."""
    return [Row(title, columns, classifier, side, knows) for classifier in classifiers]


def bespoke_rows(classes: bool) -> list[Row]:
    """What stands against the features, the old rows first; `classes`: whether the study has any."""
    if not classes:
        return [
            *rows_of("last and mean", "last and mean", BESPOKE, PERIODS, "LR", "tuned GB"),
            *rows_of("all of the numbers", "all of the periods", BESPOKE, PERIODS, "LR", "tuned GB"),
            *rows_of("everything", "everything", BESPOKE, ALL, "LR", "tuned GB"),
        ]
    return [
        *rows_of("shares: mean", "mean shares", OLD, PERIODS, "LR", "GB"),
        *rows_of("shares: mean, last, trend", "shares in time", OLD, PERIODS, "LR", "GB"),
        *rows_of("money", "money", OLD, ALL, "LR", "GB"),
        *rows_of("shares: mean; money", "mean shares + money", OLD, ALL, "LR", "GB"),
        *rows_of("roots, presence", "roots and presence", BESPOKE, PERIODS, "LR"),
        *rows_of("all of the shares", "all of the periods", BESPOKE, PERIODS, "LR", "tuned GB"),
        *rows_of("counts, amounts", "counts and amounts", BESPOKE, ALL, "LR"),
        *rows_of("all of the shares; money", "all of the periods + money", BESPOKE, ALL, "LR"),
        *rows_of("everything", "everything", BESPOKE, ALL, "LR", "tuned GB"),
    ]


def control_rows() -> list[Row]:
    """Rivals of a compressed state that no network learnt, made with the bespoke columns."""
    return rows_of("PCA of the aggregates", "PCA", CONTROL, PERIODS, "LR")


def network_rows(network: str) -> list[Row]:
    """What the features of a network are asked."""
    state = rows_of(f"{network}: state", f"{network} state", FEATURES, PERIODS, "LR")
    beside = rows_of(f"{network}: state; money", f"{network} state + money", FEATURES, ALL, "LR")
    if network != MAIN:
        return state + beside
    return [
        *state,
        *rows_of(f"{network}: state", f"{network} state", FEATURES, PERIODS, "tuned GB"),
        *rows_of(f"{network}: trajectory", f"{network} trajectory", FEATURES, PERIODS, "LR"),
        *rows_of(f"{network}: micro-segment", f"{network} segment", FEATURES, PERIODS, "LR"),
        *beside,
        *rows_of(f"{network}: state; everything", f"{network} state + everything", FEATURES, ALL, "LR", "tuned GB"),
    ]


def money_network_rows() -> list[Row]:
    """A small network of its own for the numbers of the periods, beside the money, and both networks together."""
    return [
        *rows_of("N: state; money", "N state + money", FEATURES, ALL, "LR"),
        *rows_of("S + N: states; money", "S state + N state + money", FEATURES, ALL, "LR"),
    ]


UNTRAINED_ROWS = tuple(rows_of("untrained network: state", "untrained state", CONTROL, PERIODS, "LR"))
COLES_ROWS = (
    *rows_of("CoLES: embedding", "CoLES", CONTROL, ALL, "LR"),
    *rows_of("CoLES: embedding; money", "CoLES + money", CONTROL, ALL, "LR"),
)


def all_rows(classes: bool) -> list[Row]:
    """In the order in which they are shown."""
    networks = [row for network in NETWORKS for row in network_rows(network)]
    money_network = money_network_rows() if classes else []
    return [*bespoke_rows(classes), *networks, *money_network, *UNTRAINED_ROWS, *control_rows(), *COLES_ROWS]


ATTRIBUTE_COLUMNS = ("all of the periods", "money", "everything")
"""What is asked how well it gives away an attribute, beside the state and the micro-segment."""
