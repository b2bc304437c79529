"""The golden cases: inputs with the outputs PyTorch gave, which the service checks at every load of the bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch

TOLERANCE = 1e-5
"""How far another libtorch on another processor may be off."""

DECIMALS = 4
"""Inputs are rounded before anything is computed from them: the file stays small and says exactly what was asked."""

BATCH = 512
"""The batch in which a customer's answer must be the same, bit for bit, as alone."""


@dataclass(frozen=True)
class Case:
    """One sequence, and the state it starts from: zero unless given."""

    name: str
    profile: torch.Tensor
    """[T, K]."""
    state: tuple[torch.Tensor, torch.Tensor]
    """h and c, each [L, H]."""
    continues: bool = False


@torch.no_grad()
def run(module: torch.nn.Module, cases: list[Case]) -> list[tuple[torch.Tensor, ...]]:
    """states, outputs, h and c of cases that are equally long, in one batch."""
    profiles = torch.stack([case.profile for case in cases])
    h = torch.stack([case.state[0] for case in cases], dim=1)
    c = torch.stack([case.state[1] for case in cases], dim=1)
    states, outputs, h, c = module(profiles, h, c)
    return [(states[row], outputs[row], h[:, row], c[:, row]) for row in range(len(cases))]


def make_cases(module: torch.nn.Module, examples: torch.Tensor, zero: torch.Tensor) -> list[Case]:
    """Histories of every length up to the window, and the corners.

    `examples` [N, T, K] are customers of the test population; `zero` [L, H] is the state of a new customer.
    """
    examples = torch.round(examples, decimals=DECIMALS)
    window, classes = examples.shape[1:]
    start = (zero, zero)
    cases = [Case(f"periods-{length}", examples[length - 1, :length], start) for length in range(1, window + 1)]

    pause = examples[0].clone()
    pause[window // 2] = 0
    cases.append(Case("a-period-without-spending", pause, start))
    cases.append(Case("no-spending-yet", torch.cat([torch.zeros(1, classes), examples[1, :2]]), start))

    first, last = torch.eye(classes)[0], torch.eye(classes)[-1]
    cases.append(Case("one-class-takes-everything", first.repeat(3, 1), start))
    cases.append(Case("from-one-class-to-another", torch.stack([first, first, last, last]), start))
    cases.append(Case("even-shares", torch.full((2, classes), round(1 / classes, DECIMALS)), start))

    half = window // 2
    _, _, h, c = run(module, [Case("", examples[window - 1, :half], start)])[0]
    cases.append(Case("continued-from-a-state", examples[window - 1, half:], (h, c), continues=True))
    return cases


def write_golden(module: torch.nn.Module, cases: list[Case], path: Path) -> None:
    """Writes the cases with the outputs of `module`, one case a line."""
    lines = []
    for case in cases:
        states, outputs, _, _ = run(module, [case])[0]
        entry: dict[str, Any] = {"name": case.name}
        if case.continues:
            entry |= {"h": numbers(case.state[0]), "c": numbers(case.state[1])}
        entry |= {"input": numbers(case.profile), "states": numbers(states), "outputs": numbers(outputs)}
        lines.append(json.dumps(entry, separators=(",", ":")))
    body = ",\n".join(lines)
    path.write_text(f'{{"cases":[\n{body}\n]}}\n', encoding="utf-8")


def numbers(tensor: torch.Tensor) -> Any:
    """Nested lists of the shortest decimals that parse back to the same 32-bit floats."""
    if tensor.dim() > 0:
        return [numbers(part) for part in tensor]
    value = tensor.item()
    return 0 if value == 0 else float(str(numpy.float32(value)))


def check_golden(module: torch.nn.Module, path: Path) -> None:
    """Reads the file back, and asks a module that was loaded from disk: the same bits, alone and in a full batch."""
    document = json.loads(path.read_text(encoding="utf-8"))
    for entry in document["cases"]:
        profile = torch.tensor(entry["input"], dtype=torch.float32)
        expected = [torch.tensor(entry[key], dtype=torch.float32) for key in ("states", "outputs")]
        layers_and_hidden = (1, expected[0].shape[1])
        h, c = (
            torch.tensor(entry[key], dtype=torch.float32) if key in entry else torch.zeros(layers_and_hidden)
            for key in ("h", "c")
        )
        case = Case(entry["name"], profile, (h, c))
        # Beside the case stand other profiles: its own, turned so that every class has another's share.
        crowd = [Case("", profile.roll(row, dims=1), (h, c)) for row in range(BATCH)]
        place = BATCH // 3
        crowd[place] = case
        for given in (run(module, [case])[0], run(module, crowd)[place]):
            if not all(torch.equal(a, b) for a, b in zip(expected, given)):
                raise ValueError(f"golden case {case.name}: the saved network answers otherwise")
