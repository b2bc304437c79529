"""Adapter of modules that have the service's signature already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from microseg.description.network import StateTensor
from microseg.exporting.adapted import Adapted, ready, scripted
from microseg.exporting.errors import ExportError


def adapt_own(module: nn.Module, *, state: Sequence[StateTensor], has_categories: bool) -> Adapted:
    """Takes `forward(numbers, [categories,] *state) -> (states, outputs, *state)` as it is.

    Raises `ExportError` when its state is not described. The signature itself is tried when the export is checked.
    """
    if not state:
        raise ExportError("state: a module of one's own needs the description of its recurrent state")
    own = ready(module, type(module).__name__)

    def original(numbers: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        zeros = [torch.zeros(each.layers, numbers.size(0), each.size) for each in state]
        given = [numbers, codes] if has_categories else [numbers]
        answer = cast(Any, own)(*given, *zeros)
        return answer[0], answer[1]

    return Adapted(scripted(own, type(module).__name__), original, list(state))
