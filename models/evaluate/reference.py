"""What the training in `models/train` has for the evaluation: networks that learn without labels."""

from __future__ import annotations

import sys
from pathlib import Path

# Behind this folder's own modules: a module of the same name there must not take one's place here.
sys.path.append(str(Path(__file__).parent.parent / "train"))

from selfsupervised import (  # noqa: E402
    Contrast,
    L,
    Layout,
    Recipe,
    S,
    Settings,
    Steps,
    Trained,
    Z,
    network_of,
    train_recipe,
    untrained,
    write_network,
)

__all__ = [
    "Contrast",
    "L",
    "Layout",
    "Recipe",
    "S",
    "Settings",
    "Steps",
    "Trained",
    "Z",
    "network_of",
    "train_recipe",
    "untrained",
    "write_network",
]
