"""A small network of the real pytorch-lifestream, for the tests of the service: `python tests/make_lifestream.py`.

It needs `requirements-lifestream.txt` and PYTHONHASHSEED=0. The network is an `RnnSeqEncoder` with a head, trained a
few steps on made-up sequences to tell the sign of the next amount and how large it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch
from histories import EVENT_HISTORIES
from make_networks import CLASSES
from ptls.data_load.padded_batch import PaddedBatch
from ptls.nn import RnnSeqEncoder, TrxEncoder
from torch import Tensor, nn

import microseg

INTO = Path(__file__).resolve().parents[2] / "tests" / "networks" / "lifestream"

MCC = microseg.Codes({"5411": 1, "5812": 2, "742": 3, "6011": 4, "4900": 5, "6513": 6}, unknown=7, missing=7)
"""As a FrequencyEncoder gives them. The table has 6 rows: 6 and 7 are clipped to 5, as pytorch-lifestream does."""

CHANNEL = microseg.Codes({"card": 1, "web": 2}, unknown=3, missing=3)

BATCH, STEPS, SIZE = 16, 20, 24


def drawn() -> dict[str, Tensor]:
    """Made-up sequences, with the names of the columns."""
    return {
        "amount": torch.randn(BATCH, STEPS).exp() * 20 * torch.where(torch.rand(BATCH, STEPS) < 0.2, 1, -1),
        "days": torch.rand(BATCH, STEPS) * 8,
        "mcc_code": torch.randint(1, 8, (BATCH, STEPS)),
        "channel": torch.randint(1, 4, (BATCH, STEPS)),
    }


def train(encoder: Any, head: nn.Module) -> None:
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.02)
    for _ in range(30):
        columns = drawn()
        states = encoder(PaddedBatch(columns, torch.full((BATCH,), STEPS))).payload
        told = head(states[:, :-1].flatten(0, 1)).unflatten(0, (BATCH, STEPS - 1))
        following = columns["amount"][:, 1:]
        target = torch.stack([following.sign(), following.abs().log1p() / 4], dim=2)
        loss = (told - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def main() -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        sys.exit("set PYTHONHASHSEED=0: the order of records in model.pt depends on it")
    torch.manual_seed(21)
    torch.set_num_threads(1)
    encoder = RnnSeqEncoder(
        trx_encoder=TrxEncoder(
            embeddings={"mcc_code": {"in": 6, "out": 6}, "channel": {"in": 4, "out": 2}},
            numeric_values={"amount": "log", "days": "identity"},
            embeddings_noise=0.003,
        ),
        hidden_size=SIZE,
        type="gru",
        is_reduce_sequence=False,
    )
    head = nn.Sequential(nn.Linear(SIZE, 8), nn.ReLU(), nn.Linear(8, 2))
    train(encoder, head)
    exported = microseg.export(
        encoder,
        inputs=microseg.Inputs(
            {"amount": microseg.amount(), "days": microseg.days_since_previous()},
            {"mcc_code": microseg.mcc(MCC), "channel": microseg.category_of_field("channel", CHANNEL)},
        ),
        sequence=microseg.events(window_events=48),
        fields={"channel": microseg.category_field()},
        head=head,
        outputs=["next_sign", "next_size"],
        classes=CLASSES,
        histories=EVENT_HISTORIES,
        into=INTO,
    )
    print(f"{exported.folder}: {len(exported.cases)} golden cases")


if __name__ == "__main__":
    main()
