"""Exports of modules that have the service's signature, and of some that only seem to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from exported import assert_same_as
from own_networks import (
    BidirectionalGru,
    CategoryGru,
    Counting,
    DropoutLeftOn,
    ReadsTheBatch,
    TimeFirstGru,
    TwoCells,
    WithoutState,
)
from torch import nn

import microseg

NUMBERS = [microseg.amount(transforms=["signed_log1p"]), microseg.weekday()]
EVENTS = microseg.events(window_days=30)
SIGN = microseg.sign()


def export(module: nn.Module, into: Path, *, size: int = 6, layers: int = 1, categories: bool = True) -> None:
    microseg.export(
        module,
        inputs=microseg.Inputs(NUMBERS, [SIGN] if categories else []),
        sequence=EVENTS,
        state=[microseg.StateTensor("h", layers, size)],
        outputs=["a", "b"],
        into=into,
    )


@pytest.mark.parametrize("scripted", [False, True])
def test_module_with_the_signature_is_exported_as_it_is(tmp_path: Path, scripted: bool) -> None:
    module = CategoryGru(2, 6)
    export(torch.jit.script(module) if scripted else module, tmp_path)
    assert_same_as(lambda numbers, codes: module(numbers, codes, torch.zeros(1, 3, 6))[:2], tmp_path, 2, [4])


def test_state_may_have_tensors_of_other_sizes_than_the_states(tmp_path: Path) -> None:
    module = TwoCells(2)
    state = [microseg.StateTensor("fast", 1, 3), microseg.StateTensor("slow", 2, 5)]
    microseg.export(module, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, state=state, outputs=["a"], into=tmp_path)
    zeros = torch.zeros(1, 3, 3), torch.zeros(2, 3, 5)
    assert_same_as(lambda numbers, _: module(numbers, *zeros)[:2], tmp_path, 2)


@pytest.mark.parametrize(
    ("module", "layers", "reason"),
    [
        (TimeFirstGru(2, 6), 1, r"states: expected the shape \[3, 7, …\], found \[7, 3, 6\]"),
        (BidirectionalGru(2, 6), 2, "continues from its state differs from the whole"),
        (DropoutLeftOn(2, 6), 1, "other numbers the second time"),
        (Counting(2, 6), 1, "other numbers the second time"),
        (ReadsTheBatch(2, 6), 1, "a sequence differs in a batch"),
        (WithoutState(2, 6), 1, "answers 2 tensors"),
        (CategoryGru(2, 6).double(), 1, "float64"),
        (nn.Linear(2, 2), 1, "the network failed for inputs of the described sizes"),
    ],
)
def test_module_that_the_service_would_refuse_is_refused(
    tmp_path: Path, module: nn.Module, layers: int, reason: str
) -> None:
    with pytest.raises(microseg.ExportError, match=reason):
        export(module, tmp_path / "none", layers=layers)
    assert not (tmp_path / "none").exists(), "nothing is written"


def test_state_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(microseg.ExportError):
        export(CategoryGru(2, 6), tmp_path, size=7)
    with pytest.raises(microseg.ExportError, match="needs the description"):
        microseg.export(
            CategoryGru(2, 6),
            inputs=microseg.Inputs(NUMBERS, [SIGN]),
            sequence=EVENTS,
            outputs=["a", "b"],
            into=tmp_path,
        )


def test_module_that_cannot_be_compiled_is_refused(tmp_path: Path) -> None:
    class Generator(nn.Module):
        def forward(self, numbers, h):  # type: ignore[no-untyped-def]
            return next(iter(x for x in [numbers])), h

    with pytest.raises(microseg.ExportError, match="cannot compile"):
        export(Generator(), tmp_path, categories=False)
