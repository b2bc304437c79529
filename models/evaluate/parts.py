"""The parts of the work on one split. Everything that is learnt in it, is learnt from its training customers.

A part is kept and never done twice: the bespoke rows, each network, the curve of few labels, and so on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from cohort import Study
from features import Features
from measures import Value, attributes_given_away, auc_of_rows, error_rates, explained_by, few_labels
from prepared import Columns
from rows import (
    ATTRIBUTE_COLUMNS,
    BESPOKE,
    COLES_ROWS,
    FEATURES,
    MAIN,
    PERIODS,
    UNTRAINED_ROWS,
    Row,
    bespoke_rows,
    control_rows,
    money_network_rows,
    network_rows,
    rows_of,
)
from splits import CHOSEN_BY, HELD_OUT, REPORT, Split
from stability import stability
from taxonomy_classes import classes_of, coefficients_of
from teaching import NetworkWork

COMPONENTS = 64
"""Of the principal components: as many as the state has dimensions, if there are so many."""

CLUSTER_SEED = 1


class SplitWork(NetworkWork):
    """The parts of one split."""

    def run(self, part: str) -> list[Value]:
        """All values of a part."""
        return PARTS[part](self)

    def bespoke(self) -> list[Value]:
        """Bespoke rows, and the rivals that are made of their columns."""
        columns = dict(self.prepared.columns)
        columns["PCA"] = components(columns["all of the periods"], self.split)
        rows = bespoke_rows(self.study.taxonomy is not None) + (control_rows() if self.reported else [])
        values = auc_of_rows(self.study, rows, columns, self.split)
        if self.reported:
            values += attributes_given_away(self.study, ATTRIBUTE_COLUMNS, columns, self.split)
        return values

    @property
    def reported(self) -> bool:
        return self.split.purpose in CHOSEN_BY

    def network(self, name: str) -> list[Value]:
        """A network's rows."""
        values = self.teach(name)
        columns = self.network_columns(name, self.features(name))
        values += auc_of_rows(self.study, network_rows(name), columns, self.split)
        if name == MAIN and self.reported:
            names = [f"{name} state", f"{name} segment"]
            values += attributes_given_away(self.study, names, columns, self.split)
        return values

    def network_columns(self, name: str, found: Features) -> Columns:
        """Columns of the features, alone and beside the bespoke ones."""
        given = self.prepared.columns
        columns = {
            f"{name} state": found.state,
            f"{name} trajectory": found.trajectory,
            f"{name} segment": found.segment(self.split.train),
            f"{name} state + money": numpy.hstack([found.state, given["money"]]),
            f"{name} state + everything": numpy.hstack([found.state, given["everything"]]),
        }
        return columns

    def money_network(self) -> list[Value]:
        """A network of the numbers of the periods, beside the money."""
        values = self.teach("N")
        n, s, money = self.features("N").state, self.features("S").state, self.prepared.columns["money"]
        columns = {
            "N state + money": numpy.hstack([n, money]),
            "S state + N state + money": numpy.hstack([s, n, money]),
        }
        return values + auc_of_rows(self.study, money_network_rows(), columns, self.split)

    def untrained(self) -> list[Value]:
        """What the state is worth before anything is learnt."""
        self.teach("untrained")
        columns = {"untrained state": self.features("untrained").state}
        return auc_of_rows(self.study, UNTRAINED_ROWS, columns, self.split)

    def coles(self) -> list[Value]:
        """The peer: contrastive embeddings of single transactions, or of the periods where there are none."""
        import torch

        from networks import COLES, steps_of_events, train_recipe

        study = self.study
        if study.taxonomy is None:
            return []
        events = steps_of_events(self.prepared.everybody, classes_of(study.taxonomy))
        learners = [*self.split.train.tolist(), *range(len(study.customers), len(events))]
        trained = train_recipe(COLES, events.at(torch.tensor(learners)), self.split.seed)
        parts = torch.arange(len(study.customers)).split(128)
        embedded = numpy.vstack([trained.last_states(events.at(rows).trimmed()).numpy() for rows in parts])
        columns = {"CoLES": embedded, "CoLES + money": numpy.hstack([embedded, self.prepared.columns["money"]])}
        values: list[Value] = [("training", "", "CoLES: seconds", "", trained.seconds)]
        return values + auc_of_rows(study, COLES_ROWS, columns, self.split)

    def few(self) -> list[Value]:
        """The curve over the number of labels."""
        columns = dict(self.prepared.columns) | self.network_columns(MAIN, self.features(MAIN))
        return few_labels(self.study, few_rows(), columns, self.split)

    def errors(self) -> list[Value]:
        """Errors by sex and age, with the features and without them."""
        columns = dict(self.prepared.columns) | self.network_columns(MAIN, self.features(MAIN))
        rows = [
            *rows_of("everything", "everything", BESPOKE, PERIODS, "LR"),
            *rows_of(f"{MAIN}: state; everything", f"{MAIN} state + everything", FEATURES, PERIODS, "LR"),
        ]
        return error_rates(self.study, rows, columns, self.split)

    def segments(self) -> list[Value]:
        """How unequally the outcomes are spread over segments, beside clusters of the same number; and stability."""
        found = self.features(MAIN)
        leaves = found.leaves
        count = len({leaves[row] for row in self.split.train})
        clusterings = {"micro-segments": leaves, "state, k-means": clusters(found.state, self.split, count)}
        clusterings["periods, k-means"] = clusters(self.prepared.columns["all of the periods"], self.split, count)
        if self.study.taxonomy is not None:
            clusterings["mean shares, k-means"] = clusters(self.prepared.columns["mean shares"], self.split, count)
            clusterings["traits, k-means"] = clusters(self.traits(), self.split, count)
        values: list[Value] = []
        for title, labels in clusterings.items():
            values += explained_by(self.study, title, labels, self.split, self.study.tasks)
        if self.first_report and self.kept(MAIN, "-earlier").exists():
            values += self.stable(found)
        return values

    def stable(self, found: Features) -> list[Value]:
        """Of test customers alone: the segments were made of the others."""
        before = Features.load(self.kept(MAIN, "-earlier"))
        rows, _ = self.prepared.earlier_lines()
        tested = numpy.isin(rows, self.split.test)
        deviation = found.state[self.split.train].std(axis=0) + 1e-9
        chosen = Features(
            before.state[tested],
            before.trajectory[tested],
            [path for path, ok in zip(before.places, tested) if ok],
            [one for one, ok in zip(before.attractors, tested) if ok],
        )
        return stability(found, chosen, rows[tested], deviation)

    def traits(self) -> numpy.ndarray:
        """[B, traits]: those of the label rule after the last period, standardised on training customers."""
        assert self.study.taxonomy is not None
        coefficients = coefficients_of(self.study.taxonomy)
        raw = [running_profiles(profile) @ coefficients.T for profile in self.prepared.profiles]
        learning = numpy.vstack([raw[row] for row in self.split.train])
        last = numpy.stack([periods[-1] for periods in raw])
        return 1 / (1 + numpy.exp(-(last - learning.mean(axis=0)) / (learning.std(axis=0) + TINY)))


TINY = 1e-12
UPDATE = 0.5
"""How far one period moves the running profile, as in `models/train/traits.py`."""


def running_profiles(profile: numpy.ndarray) -> numpy.ndarray:
    """[T', K]: the label rule's running profile after each period, from the first with spending on."""
    found: list[numpy.ndarray] = []
    for period in profile:
        if period.sum() > 0:
            found.append(found[-1] + UPDATE * (period - found[-1]) if found else period)
        elif found:
            found.append(found[-1])
    return numpy.stack(found) if found else numpy.zeros((1, profile.shape[1]))


def few_rows() -> list[Row]:
    """What is asked with few labels."""
    return [
        *rows_of("all of the periods", "all of the periods", BESPOKE, PERIODS, "LR"),
        *rows_of("everything", "everything", BESPOKE, PERIODS, "LR"),
        *rows_of(f"{MAIN}: state", f"{MAIN} state", FEATURES, PERIODS, "LR"),
        *rows_of(f"{MAIN}: state; everything", f"{MAIN} state + everything", FEATURES, PERIODS, "LR"),
    ]


def components(columns: numpy.ndarray, split: Split) -> numpy.ndarray:
    """The principal components of standardised columns, from training customers."""
    scaler = StandardScaler().fit(columns[split.train])
    count = min(COMPONENTS, columns.shape[1], len(split.train))
    reduced = PCA(count, random_state=CLUSTER_SEED).fit(scaler.transform(columns[split.train]))
    return reduced.transform(scaler.transform(columns))


def clusters(columns: numpy.ndarray, split: Split, count: int) -> list[str]:
    """As many clusters as there are micro-segments, made of training customers."""
    scaler = StandardScaler().fit(columns[split.train])
    found = KMeans(count, n_init=4, random_state=CLUSTER_SEED).fit(scaler.transform(columns[split.train]))
    return [str(one) for one in found.predict(scaler.transform(columns))]


PARTS: dict[str, Callable[[SplitWork], list[Value]]] = {
    "bespoke": SplitWork.bespoke,
    "S": lambda work: work.network("S"),
    "L": lambda work: work.network("L"),
    "N": SplitWork.money_network,
    "untrained": SplitWork.untrained,
    "segments": SplitWork.segments,
    "few labels": SplitWork.few,
    "errors": SplitWork.errors,
    "CoLES": SplitWork.coles,
}


def parts_of(study: Study, split: Split) -> list[str]:
    """What is done on a split, in order. Choices are among bespoke rows; costly measures are taken on one repeat."""
    if split.purpose in CHOSEN_BY.values():
        return ["bespoke"]
    classes = study.taxonomy is not None
    parts = ["bespoke", MAIN, "segments", "untrained", "L"] + (["N"] if classes else [])
    if split.repeat > 0:
        return parts
    if split.purpose in (REPORT, HELD_OUT):
        parts += ["errors"] + (["few labels"] if study.name in CURVES else [])
    return parts + (["CoLES"] if classes else [])


CURVES = ("ecommerce-survey", "uci-credit")
"""Studies with enough labels for a curve over their number."""
