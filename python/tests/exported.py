"""Comparison of an exported network with the module that it was made from."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

BATCH, STEPS, CUT = 3, 9, 4

Run = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def description(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "network.json").read_text(encoding="utf-8"))


def golden(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "golden.json").read_text(encoding="utf-8"))["cases"]


def zeros(folder: Path, batch: int) -> list[Tensor]:
    return [torch.zeros(each["layers"], batch, each["size"]) for each in description(folder)["state"]]


def assert_same_as(original: Run, folder: Path, width: int, tables: Sequence[int] = ()) -> None:
    """Reads what was written, and compares it with the original: a batch, each sequence alone, and continued."""
    script = torch.jit.load(str(folder / "model.pt"))
    numbers = torch.randn(BATCH, STEPS, width) * 3
    codes = [torch.randint(0, size, (BATCH, STEPS)) for size in tables]
    categories = torch.stack(codes, dim=2) if codes else torch.zeros(BATCH, STEPS, 0, dtype=torch.int64)

    def run(rows: slice, steps: slice, state: list[Tensor]) -> tuple[Tensor, ...]:
        given = [numbers[rows, steps]] + ([categories[rows, steps]] if tables else [])
        with torch.no_grad():
            return script(*given, *state)

    with torch.no_grad():
        states, outputs = original(numbers, categories)
    everything = slice(None)
    whole = run(everything, everything, zeros(folder, BATCH))
    close(whole[0], states)
    close(whole[1], outputs)
    first = run(everything, slice(CUT), zeros(folder, BATCH))
    second = run(everything, slice(CUT, None), list(first[2:]))
    close(torch.cat([first[0], second[0]], dim=1), states)
    close(torch.cat([first[1], second[1]], dim=1), outputs)
    for row in range(BATCH):
        alone = run(slice(row, row + 1), everything, zeros(folder, 1))
        close(alone[0], states[row : row + 1])


def close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
