"""Runs of an exported network, with the checks of what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from microseg.description.categories import Category
from microseg.description.network import StateTensor
from microseg.exporting.errors import ExportError


@dataclass(frozen=True)
class Answer:
    """What a network answers."""

    states: Tensor
    """`[B, T, H']`."""
    outputs: Tensor
    """`[B, T, O]`."""
    state: Sequence[Tensor]
    """The recurrent state after the last step, `[layers, B, size]` each."""

    def tensors(self) -> dict[str, Tensor]:
        """All of them, by name."""
        return {"states": self.states, "outputs": self.outputs} | {
            f"state {n}": each for n, each in enumerate(self.state)
        }


@dataclass(frozen=True)
class Runner:
    """An exported network, and the sizes that it was described with."""

    script: torch.jit.ScriptModule
    state: Sequence[StateTensor]
    has_categories: bool

    def zeros(self, batch: int) -> list[Tensor]:
        """The state of new customers."""
        return [torch.zeros(each.layers, batch, each.size) for each in self.state]

    def run(self, numbers: Tensor, codes: Tensor, state: Sequence[Tensor] | None = None) -> Answer:
        """Runs sequences of the same length, from a state or from zeros.

        Raises `ExportError` when the network fails, or answers anything else than the description says.
        """
        before = self.zeros(numbers.size(0)) if state is None else list(state)
        given = [numbers, codes, *before] if self.has_categories else [numbers, *before]
        try:
            with torch.no_grad():
                answer: object = cast(Any, self.script)(*given)
        except Exception as error:
            raise ExportError(f"the network failed for inputs of the described sizes: {error}") from error
        if not isinstance(answer, tuple) or not all(
            isinstance(each, Tensor) for each in cast(tuple[object, ...], answer)
        ):
            raise ExportError("the network answers no tuple of tensors")
        tensors = cast(tuple[Tensor, ...], answer)
        if len(tensors) != 2 + len(before):
            raise ExportError(
                f"the network answers {len(tensors)} tensors; states, outputs and its state are {2 + len(before)}"
            )
        return self._checked(Answer(tensors[0], tensors[1], tensors[2:]), numbers)

    def _checked(self, answer: Answer, numbers: Tensor) -> Answer:
        batch, steps = numbers.size(0), numbers.size(1)
        for name, tensor in answer.tensors().items():
            if tensor.dtype != torch.float32:
                raise ExportError(f"{name}: the network answers {tensor.dtype}, and no 32-bit floats")
            if not bool(torch.isfinite(tensor).all()):
                raise ExportError(f"{name}: the network answers numbers that are not finite")
        for name, tensor in {"states": answer.states, "outputs": answer.outputs}.items():
            if tensor.dim() != 3 or tensor.shape[:2] != (batch, steps):
                raise ExportError(f"{name}: expected the shape [{batch}, {steps}, …], found {list(tensor.shape)}")
        for tensor, each in zip(answer.state, self.state, strict=True):
            if tensor.shape != (each.layers, batch, each.size):
                expected = [each.layers, batch, each.size]
                raise ExportError(f"state {each.name}: expected the shape {expected}, found {list(tensor.shape)}")
        return answer


@dataclass(frozen=True)
class Draw:
    """Random inputs, the same ones at every export."""

    width: int
    categories: Sequence[Category]
    seed: int = 0

    def inputs(self, batch: int, steps: int) -> tuple[Tensor, Tensor]:
        """numbers [B, T, N] and codes [B, T, C], of those that the description has."""
        generator = torch.Generator().manual_seed(self.seed)
        numbers = torch.randn(batch, steps, self.width, generator=generator)
        columns: list[Tensor] = []
        for category in self.categories:
            codes = torch.tensor(category.codes.all())
            columns.append(codes[torch.randint(len(codes), (batch, steps), generator=generator)])
        return numbers, torch.stack(columns, dim=2) if columns else torch.zeros(batch, steps, 0, dtype=torch.int64)
