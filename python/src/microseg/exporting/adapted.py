"""Adapted networks: TorchScript in the service's signature, beside the module that it was made from."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Generator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from microseg.description.categories import Category
from microseg.description.network import StateTensor
from microseg.exporting.errors import ExportError

Run = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""numbers [B, T, N], categories [B, T, C] of new customers -> states [B, T, H'], outputs [B, T, O]."""

_Module = TypeVar("_Module", bound=nn.Module)


@dataclass(frozen=True)
class Adapted:
    """A network to export."""

    script: torch.jit.ScriptModule
    original: Run
    """The module that was given, called in its own way, for sequences that begin."""
    state: Sequence[StateTensor]


def ready(module: _Module, what: str) -> _Module:
    """A copy that does not train.

    Raises `ExportError` for a module that is not of 32-bit floats, or has numbers that are not finite.
    """
    copy = _copy(module).eval()
    for name, tensor in [*copy.named_parameters(), *copy.named_buffers()]:
        if tensor.is_floating_point() and tensor.dtype != torch.float32:
            raise ExportError(
                f"{what}: {name} is {tensor.dtype}: the service computes in 32-bit floats; call .float() before"
            )
        if not bool(torch.isfinite(tensor).all()):
            raise ExportError(f"{what}: {name} has numbers that are not finite")
    for parameter in copy.parameters():
        parameter.requires_grad_(False)
    return copy.to("cpu")


@contextlib.contextmanager
def torchscript() -> Generator[None, None, None]:
    """No warnings that PyTorch recommends another format for new programs: the service reads TorchScript."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _copy(module: _Module) -> _Module:
    if not isinstance(module, torch.jit.ScriptModule):
        return deepcopy(module)
    # A deep copy of a script keeps its graph of gradients.
    written = io.BytesIO()
    with torchscript():
        cast(Any, torch.jit).save(module, written)
        written.seek(0)
        return cast(_Module, cast(Any, torch.jit).load(written, map_location="cpu"))


def scripted(module: nn.Module, what: str) -> torch.jit.ScriptModule:
    """The module as TorchScript.

    Raises `ExportError` when it cannot be compiled.
    """
    if isinstance(module, torch.jit.ScriptModule):
        return module
    try:
        with torchscript():
            return cast(torch.jit.ScriptModule, cast(Any, torch.jit).script(module))
    except Exception as error:
        raise ExportError(f"{what}: torch.jit.script cannot compile it: {error}") from error


def check_tables(categories: Sequence[Category], sizes: Sequence[int]) -> None:
    """Raises `ExportError` when a category has a code beyond its table of embeddings."""
    if len(categories) != len(sizes):
        raise ExportError(f"categories: {len(categories)} of them, and {len(sizes)} embeddings")
    for place, (category, size) in enumerate(zip(categories, sizes, strict=True)):
        if category.codes.all()[-1] >= size:
            raise ExportError(
                f"categories: number {place} ({category.of}) has a code beyond its table of {size} embeddings"
            )


def check_embedding(embedding: nn.Embedding, what: str) -> None:
    """Raises `ExportError` for a table that changes when it is read."""
    if embedding.max_norm is not None:
        raise ExportError(f"{what}: max_norm changes the table whenever it is read, which the service refuses")
