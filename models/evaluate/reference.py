"""What the reference model's training (`models/train`) knows already: the label rule, the taxonomy, the populations."""

from __future__ import annotations

import sys
from pathlib import Path

# Behind this folder's own modules: a module of the same name there must not take one's place here.
sys.path.append(str(Path(__file__).parent.parent / "train"))

from population import Population, digest, read_population  # noqa: E402
from taxonomy import TRAITS, Taxonomy, read_taxonomy  # noqa: E402
from traits import Standard, fit_standard, label  # noqa: E402

__all__ = [
    "TRAITS",
    "Population",
    "Standard",
    "Taxonomy",
    "digest",
    "fit_standard",
    "label",
    "read_population",
    "read_taxonomy",
]
