"""Checks of an exported network before anything is written: what the service would refuse, found at the export."""

from __future__ import annotations

import torch
from torch import Tensor

from microseg.exporting.adapted import Adapted
from microseg.exporting.errors import ExportError
from microseg.exporting.run import Answer, Draw, Runner

BATCH, STEPS, CUT = 3, 7, 4
TOLERANCE = 1e-5
"""Absolute, and relative for numbers above 1."""


def check(adapted: Adapted, runner: Runner, draw: Draw) -> Answer:
    """Runs the exported network and the original on random inputs, and gives the answer.

    Raises `ExportError` when the two differ, when the same input gives other numbers the second time, when a batch
    changes a sequence, and when a sequence that continues from its state is not what it is at once.
    """
    numbers, codes = draw.inputs(BATCH, STEPS)
    answer = runner.run(numbers, codes)
    _twice(answer, runner.run(numbers, codes))
    with torch.no_grad():
        states, outputs = adapted.original(numbers, codes)
    _near("the exported network differs from the original", answer.states, states)
    _near("the exported network differs from the original", answer.outputs, outputs)
    for row in range(BATCH):
        alone = runner.run(numbers[row : row + 1], codes[row : row + 1])
        _near("a sequence differs in a batch", alone.states, answer.states[row : row + 1])
        _near("a sequence differs in a batch", alone.outputs, answer.outputs[row : row + 1])
    _continued(runner, numbers, codes, answer)
    return answer


def _twice(first: Answer, second: Answer) -> None:
    for name, tensor in first.tensors().items():
        if not torch.equal(tensor, second.tensors()[name]):
            raise ExportError(f"{name}: the same input gives other numbers the second time, as dropout and noise do")


def _continued(runner: Runner, numbers: Tensor, codes: Tensor, whole: Answer) -> None:
    head = runner.run(numbers[:, :CUT], codes[:, :CUT])
    tail = runner.run(numbers[:, CUT:], codes[:, CUT:], head.state)
    what = (
        "a sequence that continues from its state differs from the whole, as it does when the network reads the future"
    )
    _near(what, torch.cat([head.states, tail.states], dim=1), whole.states)
    _near(what, torch.cat([head.outputs, tail.outputs], dim=1), whole.outputs)
    for after, at_once in zip(tail.state, whole.state, strict=True):
        _near(what, after, at_once)


def _near(what: str, found: Tensor, expected: Tensor) -> None:
    if found.shape != expected.shape:
        raise ExportError(f"{what}: shapes {list(found.shape)} and {list(expected.shape)}")
    if not torch.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE):
        difference = float((found - expected).abs().max())
        raise ExportError(f"{what}, by up to {difference:.3g}")
