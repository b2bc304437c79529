"""Which files a part's result depends on: a change of another one leaves the finished part as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
TRAIN = HERE.parent / "train"

EVERY = (
    "cohort.py",
    "splits.py",
    "path.py",
    "tables.py",
    "prepared.py",
    "bespoke.py",
    "classifiers.py",
    "taxonomy_classes.py",
)
DATA = {
    "berka": ("berka.py", "berka_numbers.py", "berka_studies.py", "berka_taxonomy.csv"),
    "ecommerce": (
        "ecommerce.py",
        "ecommerce_studies.py",
        "ecommerce_categories.csv",
        "ecommerce_taxonomy.csv",
    ),
    "uci": ("uci.py", "uci_taxonomy.csv"),
}
"""By the first word of a study's name; another study depends on all of them."""

NETWORKS = ("networks.py", "features.py")
PARTS = ("rows.py", "parts.py", "measures.py", "teaching.py")
OF_PART = {"segments": ("stability.py",)}


def files_of_part(study: str, part: str) -> list[Path]:
    """For a study and a part."""
    data = DATA.get(study.split("-")[0], tuple(name for names in DATA.values() for name in names))
    names = [*EVERY, *data, *PARTS, *OF_PART.get(part, ())]
    if part == "bespoke":
        return [HERE / name for name in names]
    training = sorted((TRAIN / "selfsupervised").glob("*.py"))
    return [HERE / name for name in [*names, *NETWORKS]] + training


def digest(*paths: Path) -> str:
    """One SHA-256 over the contents of files."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
