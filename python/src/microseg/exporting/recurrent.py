"""Adapter of `nn.LSTM` and `nn.GRU`, with embeddings of categories and a head."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Literal, cast

import torch
from torch import Tensor, nn

from microseg.description.categories import Category
from microseg.description.network import StateTensor
from microseg.exporting.adapted import Adapted, check_embedding, check_tables, ready, scripted
from microseg.exporting.errors import ExportError
from microseg.exporting.layers import GivenStart, HeadOfSteps, StepInputs
from microseg.exporting.networks import GruCategoryNetwork, GruNetwork, LstmCategoryNetwork, LstmNetwork

EmbeddingsPlace = Literal["before", "after"]
"""Where the embedded categories stand, seen from the numbers."""


def adapt_recurrent(
    rnn: nn.LSTM | nn.GRU,
    *,
    width: int,
    categories: Sequence[Category],
    embeddings: Sequence[nn.Embedding],
    embeddings_place: EmbeddingsPlace,
    head: nn.Module | None,
) -> Adapted:
    """Puts an LSTM or a GRU of any layout into the service's signature.

    Raises `ExportError` for a bidirectional one, and for inputs of other sizes than its own.
    """
    if rnn.bidirectional:
        raise ExportError(
            "the network is bidirectional: it reads the future, which no state can carry to the next step"
        )
    own = ready(rnn, type(rnn).__name__)
    tables = [ready(each, "embeddings") for each in embeddings]
    own_head = nn.Identity() if head is None else ready(head, "head")
    for each in tables:
        check_embedding(each, "embeddings")
    check_tables(categories, [each.num_embeddings for each in tables])
    sizes = width + sum(each.embedding_dim for each in tables)
    if sizes != own.input_size:
        raise ExportError(
            f"the network reads {own.input_size} numbers at each step; the inputs and embeddings have {sizes}"
        )
    inputs = StepInputs(deepcopy(tables), numbers_first=embeddings_place == "after")
    network = assemble(inputs, own, own_head, start=GivenStart(), has_categories=bool(tables))

    def original(numbers: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        embedded = [table(codes[..., place]) for place, table in enumerate(tables)]
        parts = [numbers, *embedded] if embeddings_place == "after" else [*embedded, numbers]
        x = torch.cat(parts, dim=-1)
        states = cast(Tensor, own(x)[0] if own.batch_first else own(x.transpose(0, 1))[0].transpose(0, 1))
        return states, torch.stack([rows_of(own_head(one)) for one in states])

    return Adapted(scripted(network, "the network"), original, state_of(own))


def rows_of(outputs: Tensor) -> Tensor:
    """Outputs of a head as [T, O]: one that has a single output may leave O out."""
    return outputs.unsqueeze(1) if outputs.dim() == 1 else outputs


def state_of(rnn: nn.LSTM | nn.GRU) -> list[StateTensor]:
    """The recurrent state; with a projection, the h of an LSTM is smaller than its c."""
    if isinstance(rnn, nn.GRU):
        return [StateTensor("h", rnn.num_layers, rnn.hidden_size)]
    h = StateTensor("h", rnn.num_layers, rnn.proj_size or rnn.hidden_size)
    return [h, StateTensor("c", rnn.num_layers, rnn.hidden_size)]


def assemble(
    inputs: nn.Module, rnn: nn.LSTM | nn.GRU, head: nn.Module, *, start: nn.Module, has_categories: bool
) -> nn.Module:
    """The network in the service's signature; a start is only for a GRU."""
    batch_first = deepcopy(rnn)
    # The weights are the same in both layouts.
    batch_first.batch_first = True
    steps = HeadOfSteps(deepcopy(head))
    if isinstance(batch_first, nn.GRU):
        gru = GruCategoryNetwork if has_categories else GruNetwork
        return gru(inputs, start, batch_first, steps).eval()
    lstm = LstmCategoryNetwork if has_categories else LstmNetwork
    return lstm(inputs, batch_first, steps).eval()
