"""Adapter of `RnnSeqEncoder` with its `TrxEncoder`, of pytorch-lifestream (`ptls`); tried with 0.6.0 and 0.7.0.

It reads the attributes of the modules and imports pytorch-lifestream only to run the original.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

import torch
from torch import Tensor, nn

from microseg.description.categories import Category
from microseg.description.network import Inputs
from microseg.exporting.adapted import Adapted, check_embedding, check_tables, ready, scripted
from microseg.exporting.errors import ExportError
from microseg.exporting.layers import GivenStart, LearnedStart, NormOfSteps, TransactionInputs
from microseg.exporting.recurrent import assemble, rows_of, state_of

SCALERS = {"IdentityScaler": 0, "LogScaler": 1, "SigmoidScaler": 2, "YearScaler": 3}
"""The scalers that are supported, and their numbers in `TransactionInputs`."""

_TABLES = ("Embedding", "NoisyEmbedding")
_NORMS = ("RBatchNorm", "RBatchNormWithLens")


def is_lifestream(module: nn.Module) -> bool:
    """Whether it is an `RnnSeqEncoder`, or a class made of it."""
    return any(
        each.__name__ == "RnnSeqEncoder" and each.__module__.startswith("ptls.") for each in type(module).__mro__
    )


def adapt_lifestream(module: nn.Module, *, inputs: Inputs, head: nn.Module | None) -> Adapted:
    """Puts an `RnnSeqEncoder` into the service's signature.

    Raises `ExportError`, with the name of the part, for parts that it does not know.
    """
    encoder = cast(Any, ready(module, "RnnSeqEncoder"))
    own_head = nn.Identity() if head is None else ready(head, "head")
    trx, sequence = encoder.trx_encoder, encoder.seq_encoder
    rnn = _rnn(sequence)
    numbers, categories = _columns(trx, inputs)
    tables = [_table(name, trx.embeddings[name]) for name in categories]
    if trx.out_of_index != "clip":
        check_tables(list(categories.values()), [each.num_embeddings for each in tables])
    columns, scalers = _scalers(trx, list(numbers))
    first = TransactionInputs(tables, columns, scalers, _norm(trx.custom_embedding_batch_norm), _projection(trx))
    network = assemble(first, rnn, own_head, start=_start(sequence, rnn), has_categories=bool(tables))
    encoder.is_reduce_sequence = False
    padded = importlib.import_module("ptls.data_load.padded_batch").PaddedBatch

    def original(values: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        payload = {name: values[:, :, place] for place, name in enumerate(numbers)}
        payload |= {name: codes[:, :, place] for place, name in enumerate(categories)}
        lengths = torch.full((values.size(0),), values.size(1))
        states: Tensor = encoder(padded(payload, lengths)).payload
        return states, torch.stack([rows_of(own_head(one)) for one in states])

    return Adapted(scripted(network, "RnnSeqEncoder"), original, state_of(rnn))


def _rnn(sequence: Any) -> nn.LSTM | nn.GRU:
    if sequence.bidirectional:
        raise ExportError(
            "RnnEncoder: it is bidirectional: it reads the future, which no state can carry to the next step"
        )
    if sequence.is_reduce_sequence and type(sequence.reducer).__name__ != "LastStepEncoder":
        raise ExportError(f"RnnEncoder: reducer: {type(sequence.reducer).__name__} is not the state of the last step")
    if not isinstance(sequence.rnn, (nn.LSTM, nn.GRU)):
        raise ExportError("RnnEncoder: expected the type lstm or gru")
    return sequence.rnn


def _start(sequence: Any, rnn: nn.LSTM | nn.GRU) -> nn.Module:
    # An LSTM of pytorch-lifestream is called without a state, whatever its trainable_starter is.
    if isinstance(rnn, nn.LSTM) or sequence.trainable_starter != "static":
        return GivenStart()
    start: Tensor = torch.tanh(sequence.starter_h.detach())
    if bool((start == 0).all()):
        return GivenStart()
    return LearnedStart(start.clone())


def _columns(trx: Any, inputs: Inputs) -> tuple[Mapping[str, Any], Mapping[str, Category]]:
    """The inputs by the names of the encoder's columns, in the encoder's order of embeddings."""
    numbers, categories = inputs.numbers, inputs.categories
    if not isinstance(numbers, Mapping) or not isinstance(categories, Mapping | tuple):
        raise ExportError(
            "inputs: for pytorch-lifestream, numbers and categories are mappings from the names of its columns"
        )
    named: Mapping[str, Category] = categories if isinstance(categories, Mapping) else {}
    wanted = {embedder.col_name or name for name, embedder in trx.custom_embeddings.items()}
    _same("numbers", set(numbers), wanted)
    _same("categories", set(named), set(trx.embeddings))
    if list(named) != list(trx.embeddings):
        raise ExportError(f"inputs: categories: expected the order of the encoder: {', '.join(trx.embeddings)}")
    return numbers, named


def _same(what: str, given: set[str], wanted: set[str]) -> None:
    if given != wanted:
        raise ExportError(f"inputs: {what}: the encoder reads {sorted(wanted)}, and the inputs name {sorted(given)}")


def _table(name: str, table: Any) -> nn.Embedding:
    if type(table).__name__ not in _TABLES:
        raise ExportError(f"TrxEncoder: embeddings: {name}: {type(table).__name__} is not supported")
    check_embedding(table, f"TrxEncoder: embeddings: {name}")
    # The noise and the dropout of NoisyEmbedding are of the training only.
    return cast(Any, nn.Embedding).from_pretrained(table.weight.detach().clone(), padding_idx=table.padding_idx)


def _scalers(trx: Any, numbers: Sequence[str]) -> tuple[list[int], list[int]]:
    columns: list[int] = []
    scalers: list[int] = []
    for name, scaler in trx.custom_embeddings.items():
        kind = type(scaler).__name__
        if kind not in SCALERS:
            raise ExportError(
                f"TrxEncoder: numeric_values: {name}: {kind} is not supported; known are {', '.join(SCALERS)}"
            )
        columns.append(numbers.index(scaler.col_name or name))
        scalers.append(SCALERS[kind])
    return columns, scalers


def _norm(norm: Any) -> nn.Module:
    if norm is None:
        return nn.Identity()
    if type(norm).__name__ not in _NORMS:
        raise ExportError(f"TrxEncoder: {type(norm).__name__} is not supported")
    if norm.bn.running_mean is None:
        raise ExportError("TrxEncoder: a batch norm without running statistics depends on the batch")
    return NormOfSteps(deepcopy(norm.bn))


def _projection(trx: Any) -> nn.Module:
    projection = trx.linear_projection_head
    return nn.Identity() if projection is None else deepcopy(projection)
