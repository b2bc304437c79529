"""Reading the raw tables: compressed CSV, a row at a time."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path


def read_rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """The rows of a `.csv.gz`; blanks around a value are no part of it."""
    with gzip.open(path, mode="rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=delimiter):
            yield {name: (value or "").strip() for name, value in row.items()}
