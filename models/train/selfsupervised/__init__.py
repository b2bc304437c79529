"""Self-supervised training: networks that learn from histories without labels.

The steps of many customers (`Steps`), a network's memory (`LstmMemory`, `GruMemory`, `LinearMemory`), objectives that need
no labels (`Reconstruct`, `Predict`, `NextEvent`, `Contrast`) and one that takes a rule (`Traits`), and `train`, which mixes
them by their weights. `recipes` has the combinations that were tried and measured.
"""

from __future__ import annotations

from selfsupervised.contrast import Contrast
from selfsupervised.memory import GruMemory, LinearMemory, LstmMemory
from selfsupervised.next_event import NextEvent
from selfsupervised.objectives import Predict, Reconstruct
from selfsupervised.output import network_of, write_network
from selfsupervised.recipes import EVENTS, L, Recipe, S, Z, train_recipe, untrained
from selfsupervised.steps import Layout, Steps, read_steps
from selfsupervised.trainer import Settings, Trained, train
from selfsupervised.trait_head import Traits
from selfsupervised.variation import Variation

__all__ = [
    "EVENTS",
    "Contrast",
    "GruMemory",
    "L",
    "Layout",
    "LinearMemory",
    "LstmMemory",
    "NextEvent",
    "Predict",
    "Recipe",
    "Reconstruct",
    "S",
    "Settings",
    "Steps",
    "Trained",
    "Traits",
    "Variation",
    "Z",
    "network_of",
    "read_steps",
    "train",
    "train_recipe",
    "untrained",
    "write_network",
]
