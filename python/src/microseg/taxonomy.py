"""Taxonomy of a bundle: its classes, and the class that each MCC falls into; `taxonomy.csv`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from microseg.description.errors import DescriptionError

INCOME_GROUP = "income"
"""Classes of this group are money coming in, and no spending."""

_ID = re.compile(r"[a-z0-9-]+")
_RANGE = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")


@dataclass(frozen=True)
class TransactionClass:
    """A class of transactions."""

    id: str
    """The name in histories and answers: a-z, 0-9 and hyphens."""
    title: str
    """The name that people read."""
    group: str
    """The group of the class; `income` is money coming in."""
    mcc: str = ""
    """Codes of four digits and ranges of them, with blanks between: `5411 5812-5814`."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise DescriptionError("classes: a class is named with a-z, 0-9 and hyphens")
        list(self.codes())

    @property
    def is_income(self) -> bool:
        """Whether it is money coming in."""
        return self.group == INCOME_GROUP

    def codes(self) -> Iterator[str]:
        """Every MCC of the class, four digits each."""
        for item in self.mcc.split():
            found = _RANGE.fullmatch(item)
            first = int(found[1]) if found else 1
            last = int(found[2] or found[1]) if found else 0
            if first > last:
                raise DescriptionError(f"classes: {self.id}: {item} is no MCC of four digits and no range of them")
            for code in range(first, last + 1):
                yield f"{code:04}"


class Taxonomy:
    """All classes, in the order of the network's inputs."""

    def __init__(self, classes: Iterable[TransactionClass]) -> None:
        self.classes = list(classes)
        self._by_id: dict[str, TransactionClass] = {}
        self._by_mcc: dict[str, TransactionClass] = {}
        for each in self.classes:
            if each.id in self._by_id:
                raise DescriptionError(f"classes: {each.id} is there twice")
            self._by_id[each.id] = each
            for code in each.codes():
                if code in self._by_mcc:
                    raise DescriptionError(f"classes: {code} is in another class too, or twice in one")
                self._by_mcc[code] = each

    def spending(self) -> list[TransactionClass]:
        """The classes of spending; their order is that of inputs that have a number for each class."""
        return [each for each in self.classes if not each.is_income]

    def of_id(self, name: str) -> TransactionClass | None:
        """The class of this id."""
        return self._by_id.get(name)

    def of_mcc(self, code: str) -> TransactionClass | None:
        """The class that an MCC of four digits falls into."""
        return self._by_mcc.get(code)

    def write(self, path: Path) -> None:
        """Writes `taxonomy.csv`, without coefficients of traits."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["class", "title", "group", "mcc", "source"])
            for each in self.classes:
                writer.writerow([each.id, each.title, each.group, each.mcc, ""])


def read_taxonomy(path: Path) -> Taxonomy:
    """Reads a `taxonomy.csv`; coefficients and sources are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    try:
        return Taxonomy(TransactionClass(row["class"], row["title"], row["group"], row["mcc"]) for row in rows)
    except KeyError as missing:
        raise DescriptionError(f"classes: {path.name} lacks the column {missing}") from missing
