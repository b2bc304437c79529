"""Layers of exported networks: inputs of a step, starts of a sequence, heads. All of them become TorchScript."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class StepInputs(nn.Module):
    """Numbers and embedded categories side by side.

    numbers [B, T, N], categories [B, T, C] -> [B, T, N + sizes of the embeddings].
    """

    def __init__(self, embeddings: list[nn.Embedding], numbers_first: bool) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(embeddings)
        self.numbers_first = numbers_first

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        """The input of the recurrent network."""
        parts: list[Tensor] = []
        if self.numbers_first:
            parts.append(numbers)
        for place, embedding in enumerate(self.embeddings):
            parts.append(embedding(categories[:, :, place]))
        if not self.numbers_first:
            parts.append(numbers)
        return torch.cat(parts, dim=2)


class TransactionInputs(nn.Module):
    """What `TrxEncoder` of pytorch-lifestream computes when it does not train.

    Embeddings of the categories, then the scaled numbers with their batch norm, then a projection. Codes are clipped to
    the table, as `out_of_index="clip"` does.
    """

    def __init__(
        self,
        embeddings: list[nn.Embedding],
        columns: list[int],
        scalers: list[int],
        norm: nn.Module,
        projection: nn.Module,
    ) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(embeddings)
        self.largest = [embedding.num_embeddings - 1 for embedding in embeddings]
        self.columns = columns
        self.scalers = scalers
        self.norm = norm
        self.projection = projection

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        """The input of the recurrent network."""
        parts: list[Tensor] = []
        for place, embedding in enumerate(self.embeddings):
            parts.append(embedding(categories[:, :, place].clamp(0, self.largest[place])))
        if len(self.columns) > 0:
            parts.append(self.norm(self.scaled(numbers)))
        joined: Tensor = self.projection(torch.cat(parts, dim=2))
        return joined

    def scaled(self, numbers: Tensor) -> Tensor:
        """The numbers [B, T, number of scalers]; one column may have several scalers."""
        parts: list[Tensor] = []
        for column, scaler in zip(self.columns, self.scalers):  # noqa: B905 (unknown to TorchScript)
            value = numbers[:, :, column]
            if scaler == 1:
                value = value.abs().log1p() * value.sign()
            elif scaler == 2:
                value = torch.sigmoid(value)
            elif scaler == 3:
                value = value / 365
            parts.append(value.unsqueeze(2))
        return torch.cat(parts, dim=2)


class NormOfSteps(nn.Module):
    """Batch norm of [B, T, D] with the statistics of the training."""

    def __init__(self, norm: nn.BatchNorm1d) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, numbers: Tensor) -> Tensor:
        """The normalised numbers."""
        normed: Tensor = self.norm(numbers.reshape(-1, numbers.size(2))).view_as(numbers)
        return normed


class GivenStart(nn.Module):
    """The state as it was given: a network whose sequences begin with zeros."""

    def forward(self, h: Tensor) -> Tensor:
        """The same state."""
        return h


class LearnedStart(nn.Module):
    """A learned state where a sequence begins.

    The service begins with zeros. So a sequence whose whole state is zero begins, and gets the learned state; the
    others of the batch continue.
    """

    def __init__(self, start: Tensor) -> None:
        super().__init__()
        self.register_buffer("start", start)

    def forward(self, h: Tensor) -> Tensor:
        """h [L, B, H] -> [L, B, H]."""
        begins = (h == 0).all(dim=2).all(dim=0)
        # TorchScript knows that a buffer is a tensor, and reads no annotation of it.
        return torch.where(begins.view(1, -1, 1), self.start.expand_as(h), h)  # pyright: ignore


class HeadOfSteps(nn.Module):
    """A head over the states of all steps: it reads them as rows, so that no step can see another one."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, states: Tensor) -> Tensor:
        """states [B, T, H'] -> outputs [B, T, O]."""
        rows: Tensor = self.head(states.reshape(-1, states.size(2)))
        return rows.reshape(states.size(0), states.size(1), -1)
