"""Exports of `nn.LSTM` and `nn.GRU`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from exported import assert_same_as, description, golden
from torch import Tensor, nn

import microseg

MCC = microseg.mcc({5411: 1, 742: 2, 5812: 3}, unknown=4, missing=5)
SIGN = microseg.sign()
NUMBERS = [microseg.amount(transforms=["signed_log1p"]), microseg.hour(as_="sine"), microseg.days_since_previous()]
EVENTS = microseg.events(window_events=32)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("kind", ["lstm", "gru", "projected"])
@pytest.mark.parametrize("place", ["none", "before", "after"])
def test_recurrent_network_of_any_layout_is_exported(
    tmp_path: Path, kind: str, layers: int, batch_first: bool, place: str
) -> None:
    tables = [] if place == "none" else [nn.Embedding(6, 4, padding_idx=0), nn.Embedding(4, 2)]
    width = len(NUMBERS) + sum(each.embedding_dim for each in tables)
    # Dropout between the layers, which an export must turn off.
    dropout = 0.5 if layers > 1 else 0.0
    if kind == "gru":
        rnn: nn.LSTM | nn.GRU = nn.GRU(width, 8, layers, batch_first=batch_first, dropout=dropout)
    else:
        projection = 3 if kind == "projected" else 0
        rnn = nn.LSTM(width, 8, layers, batch_first=batch_first, proj_size=projection, dropout=dropout)
    size = 3 if kind == "projected" else 8
    head = nn.Sequential(nn.Linear(size, 5), nn.BatchNorm1d(5), nn.Dropout(0.5), nn.Linear(5, 2))
    microseg.export(
        rnn,
        inputs=microseg.Inputs(NUMBERS, [MCC, SIGN] if tables else []),
        sequence=EVENTS,
        outputs=["a", "b"],
        head=head,
        embeddings=tables,
        embeddings_place="after" if place == "after" else "before",
        into=tmp_path,
    )
    assert rnn.training and head.training, "the caller's modules are left as they were"
    rnn.eval()
    head.eval()

    def original(numbers: Tensor, categories: Tensor) -> tuple[Tensor, Tensor]:
        embedded = [table(categories[:, :, column]) for column, table in enumerate(tables)]
        x = torch.cat([numbers, *embedded] if place == "after" else [*embedded, numbers], dim=2)
        states = rnn(x)[0] if batch_first else rnn(x.transpose(0, 1))[0].transpose(0, 1)
        return states, head(states.flatten(0, 1)).unflatten(0, states.shape[:2])

    assert_same_as(original, tmp_path, len(NUMBERS), [6, 4] if tables else [])
    assert description(tmp_path)["state_size"] == size


def test_network_without_a_head_has_its_state_as_outputs(tmp_path: Path) -> None:
    rnn = nn.GRU(3, 4, batch_first=True)
    microseg.export(rnn, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, outputs="state", into=tmp_path)
    assert_same_as(lambda numbers, _: (rnn(numbers)[0],) * 2, tmp_path, 3)
    assert description(tmp_path)["outputs"] == ["state_0", "state_1", "state_2", "state_3"]
    assert [case["name"] for case in golden(tmp_path)] == ["drawn", "drawn-continued-from-a-state"]


def test_head_of_one_output_may_give_one_number_a_step(tmp_path: Path) -> None:
    rnn, head = nn.LSTM(3, 4, batch_first=True), nn.Sequential(nn.Linear(4, 1), nn.Sigmoid(), nn.Flatten(0))
    microseg.export(rnn, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, outputs=["churn"], head=head, into=tmp_path)

    def original(numbers: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        states = rnn(numbers)[0]
        return states, head(states.flatten(0, 1)).reshape(*states.shape[:2], 1)

    assert_same_as(original, tmp_path, 3)


def test_same_network_is_the_same_bytes_without_paths_of_the_machine(tmp_path: Path) -> None:
    rnn = nn.LSTM(3, 4)
    for name in ("a", "b"):
        microseg.export(rnn, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, outputs="state", into=tmp_path / name)
    for file in ("model.pt", "network.json", "golden.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    names = zipfile.ZipFile(tmp_path / "a" / "model.pt").namelist()
    assert not [name for name in names if name.endswith(".debug_pkl")], "they hold the paths of source files"


@pytest.mark.parametrize(
    ("rnn", "reason"),
    [
        (nn.LSTM(3, 4, bidirectional=True), "bidirectional"),
        (nn.GRU(3, 4, bidirectional=True), "bidirectional"),
        (nn.GRU(2, 4), "reads 2 numbers"),
        (nn.RNN(3, 4), "nn.RNN"),
        (nn.LSTM(3, 4).double(), "float64"),
        (nn.LSTM(3, 4).half(), "float16"),
    ],
)
def test_recurrent_network_that_cannot_be_served_is_refused_by_name(
    tmp_path: Path, rnn: nn.Module, reason: str
) -> None:
    with pytest.raises(microseg.ExportError, match=reason):
        microseg.export(rnn, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, outputs="state", into=tmp_path / "none")
    assert not (tmp_path / "none").exists(), "nothing is written"


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    rnn = nn.LSTM(3, 4)
    with torch.no_grad():
        rnn.weight_hh_l0[0, 0] = float("nan")
    with pytest.raises(microseg.ExportError, match="weight_hh_l0 has numbers that are not finite"):
        microseg.export(rnn, inputs=microseg.Inputs(NUMBERS), sequence=EVENTS, outputs="state", into=tmp_path)


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ([], "1 of them, and 0 embeddings"),
        ([nn.Embedding(5, 4)], "a code beyond its table of 5"),
        ([nn.Embedding(6, 4, max_norm=1.0)], "max_norm"),
        ([nn.Embedding(6, 3)], "reads 7 numbers at each step; the inputs and embeddings have 6"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(tmp_path: Path, tables: list[nn.Embedding], reason: str) -> None:
    with pytest.raises(microseg.ExportError, match=reason):
        microseg.export(
            nn.LSTM(7, 4),
            inputs=microseg.Inputs(NUMBERS, [MCC]),
            sequence=EVENTS,
            outputs="state",
            embeddings=tables,
            into=tmp_path,
        )


def test_outputs_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    inputs, head = microseg.Inputs(NUMBERS), nn.Linear(4, 2)
    with pytest.raises(microseg.ExportError, match="1 names, and the network has 2 outputs"):
        microseg.export(nn.GRU(3, 4), inputs=inputs, sequence=EVENTS, outputs=["a"], head=head, into=tmp_path)
    with pytest.raises(microseg.ExportError, match="name them"):
        microseg.export(nn.GRU(3, 4), inputs=inputs, sequence=EVENTS, outputs="state", head=head, into=tmp_path)
    with pytest.raises(microseg.DescriptionError, match="each of them once"):
        microseg.export(nn.GRU(3, 4), inputs=inputs, sequence=EVENTS, outputs=["a", "a"], head=head, into=tmp_path)
