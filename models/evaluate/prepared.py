"""A study with what every split reads: the same for all of them, and learnt from no customer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy

from bespoke import all_of_channels, all_of_shares, counts_and_amounts, mean_shares, roots_and_presence, shares_in_time
from cohort import Customer, Study
from path import Microseg, encode, history_lines, line
from taxonomy_classes import classes_of

Columns = dict[str, numpy.ndarray]
"""[B, columns] by name, a row for each of `Study.customers`."""


@dataclass(frozen=True)
class Prepared:
    """What a study's splits have in common."""

    study: Study
    lines: list[str]
    profiles: list[numpy.ndarray]
    """[T, K] of each of `study.customers`; none where there are no classes."""
    company_profiles: list[numpy.ndarray]
    columns: Columns
    """What the bespoke rows see."""

    @property
    def everybody(self) -> tuple[Customer, ...]:
        return (*self.study.customers, *self.study.company)

    @property
    def money(self) -> numpy.ndarray:
        return numpy.array([customer.money for customer in self.study.customers])

    def earlier_lines(self) -> tuple[numpy.ndarray, list[str]]:
        """Half a year before: whose history was long enough then, and these histories."""
        customers = self.study.customers
        rows = [row for row, customer in enumerate(customers) if customer.earlier is not None]
        return numpy.array(rows, dtype=int), [line(customers[row].earlier or {}) for row in rows]


def prepare(microseg: Microseg, study: Study, folder: Path) -> Prepared:
    """Encodes the customers of a study, and computes the bespoke columns."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = history_lines(study.customers)
    profiles = encode(microseg, study, lines, folder)
    company_profiles = encode(microseg, study, history_lines(study.company), folder)
    return Prepared(study, lines, profiles, company_profiles, bespoke_columns(study, profiles))


def bespoke_columns(study: Study, profiles: list[numpy.ndarray]) -> Columns:
    """By the names that `rows.py` uses."""
    money = numpy.array([customer.money for customer in study.customers])
    channels = all_of_channels(study.customers, study.window)
    if study.taxonomy is None:
        last = numpy.stack([customer.channels[-1] for customer in study.customers])
        mean = numpy.stack([customer.channels.mean(axis=0) for customer in study.customers])
        return {
            "last and mean": numpy.hstack([last, mean]),
            "all of the periods": channels,
            "money": money,
            "everything": numpy.hstack([channels, money]),
        }
    shares, every = mean_shares(profiles), all_of_shares(profiles)
    counts = counts_and_amounts(study.customers, classes_of(study.taxonomy))
    return {
        "mean shares": shares,
        "shares in time": shares_in_time(profiles),
        "money": money,
        "mean shares + money": numpy.hstack([shares, money]),
        "roots and presence": roots_and_presence(profiles),
        "all of the periods": every,
        "counts and amounts": counts,
        "all of the periods + money": numpy.hstack([every, money]),
        "everything": numpy.hstack([every, counts, channels, money]),
    }
