"""Exports of the real `RnnSeqEncoder` of pytorch-lifestream; needs `requirements-lifestream.txt`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from exported import STEPS, assert_same_as, close, description
from torch import Tensor, nn

import microseg

ptls_nn = pytest.importorskip("ptls.nn", reason="pytorch-lifestream is not installed", exc_type=ImportError)
PaddedBatch = __import__("ptls.data_load.padded_batch", fromlist=["PaddedBatch"]).PaddedBatch
scalers = __import__("ptls.nn.trx_encoder.scalers", fromlist=["LogScaler"])

CODES = microseg.Codes({"5411": 1, "5812": 2, "6011": 3}, unknown=4, missing=4)
NUMBERS = {"amount": microseg.amount(), "gap": microseg.days_since_previous()}
CATEGORIES = {"mcc_code": microseg.mcc(CODES), "kind": microseg.sign()}
EVENTS = microseg.events(window_events=64)


def trx_encoder(**options: Any) -> Any:
    chosen: dict[str, Any] = {
        "embeddings": {"mcc_code": {"in": 5, "out": 4}, "kind": {"in": 4, "out": 2}},
        "numeric_values": {"amount": "log", "gap": "identity"},
        "embeddings_noise": 0.05,
        "emb_dropout": 0.1,
    }
    return ptls_nn.TrxEncoder(**(chosen | options))


def trained(encoder: Any) -> Any:
    """A few steps on made-up sequences, so that batch norm has statistics and nothing is as it was initialised."""
    encoder.train()
    optimiser = torch.optim.Adam(encoder.parameters(), lr=0.01)
    for _ in range(5):
        x = batch(torch.randn(8, STEPS, 2) * 20, torch.randint(0, 4, (8, STEPS, 2)), list(NUMBERS), list(CATEGORIES))
        answer = encoder(x)
        states = answer if isinstance(answer, Tensor) else answer.payload
        loss = (states - 0.3).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return encoder


def batch(numbers: Tensor, codes: Tensor, columns: list[str], categories: list[str]) -> Any:
    payload = {name: numbers[:, :, place] for place, name in enumerate(columns)}
    payload |= {name: codes[:, :, place] for place, name in enumerate(categories)}
    return PaddedBatch(payload, torch.full((numbers.size(0),), numbers.size(1)))


def original(encoder: Any, head: nn.Module | None = None, categories: Mapping[str, Any] = CATEGORIES) -> Any:
    """The encoder as its users call it, with all states."""
    encoder.eval()

    def run(numbers: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        encoder.is_reduce_sequence = False
        states = encoder(batch(numbers, codes, list(NUMBERS), list(categories))).payload
        return states, states if head is None else head(states)

    return run


def export(encoder: Any, into: Path, **options: Any) -> None:
    chosen: dict[str, Any] = {
        "inputs": microseg.Inputs(NUMBERS, CATEGORIES),
        "sequence": EVENTS,
        "outputs": "state",
        "into": into,
    }
    microseg.export(encoder, **(chosen | options))


@pytest.mark.parametrize("starter", ["static", "none"])
@pytest.mark.parametrize("reduce", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_encoder_of_any_kind_is_exported(tmp_path: Path, kind: str, layers: int, reduce: bool, starter: str) -> None:
    encoder = trained(
        ptls_nn.RnnSeqEncoder(
            trx_encoder=trx_encoder(),
            hidden_size=8,
            type=kind,
            num_layers=layers,
            dropout=0.2 if layers > 1 else 0,
            trainable_starter=starter,
            is_reduce_sequence=reduce,
        )
    )
    export(encoder, tmp_path)
    assert encoder.training and encoder.is_reduce_sequence == reduce, "the caller's encoder is left as it was"
    # Codes beyond the tables of 5 and 4 are clipped, and 0 is padding.
    assert_same_as(original(encoder), tmp_path, 2, [9, 6])
    assert [each["name"] for each in description(tmp_path)["state"]] == (["h"] if kind == "gru" else ["h", "c"])


@pytest.mark.parametrize(
    "options",
    [
        {"use_batch_norm": False},
        {"use_batch_norm_with_lens": True},
        {"linear_projection_size": 5},
        {"orthogonal_init": True, "spatial_dropout": True},
        {"numeric_values": {"amount": "year", "gap": "identity"}},
        # 0.6.0 cannot make this one itself.
        {"numeric_values": {"amount": "log", "gap": "sigmoid"}},
        {
            "numeric_values": {
                "a": scalers.LogScaler(col_name="amount"),
                "gap": scalers.IdentityScaler(),
                "b": scalers.IdentityScaler(col_name="amount"),
            }
        },
    ],
)
def test_transaction_encoder_with_options_is_exported(tmp_path: Path, options: dict[str, Any]) -> None:
    encoder = trained(ptls_nn.RnnSeqEncoder(trx_encoder=trx_encoder(**options), hidden_size=8))
    head = nn.Linear(8, 3)
    export(encoder, tmp_path, outputs=["a", "b", "c"], head=head)
    assert_same_as(original(encoder, head), tmp_path, 2, [9, 6])


def test_encoder_without_categories_is_exported(tmp_path: Path) -> None:
    trx = ptls_nn.TrxEncoder(numeric_values={"amount": "log", "gap": "identity"})
    encoder = ptls_nn.RnnSeqEncoder(trx_encoder=trx, hidden_size=4)
    export(encoder, tmp_path, inputs=microseg.Inputs(NUMBERS))
    assert_same_as(original(encoder, categories={}), tmp_path, 2)


def test_learned_start_is_in_place_of_a_zero_state_for_each_sequence_and_only_there(tmp_path: Path) -> None:
    encoder = trained(ptls_nn.RnnSeqEncoder(trx_encoder=trx_encoder(), hidden_size=8, is_reduce_sequence=False))
    export(encoder, tmp_path)
    encoder.eval()
    script = torch.jit.load(str(tmp_path / "model.pt"))
    numbers, codes = torch.randn(3, STEPS, 2), torch.randint(0, 4, (3, STEPS, 2))
    x = batch(numbers, codes, list(NUMBERS), list(CATEGORIES))
    # The first and the last continue; the last from a state of which only one number is not zero.
    h = torch.zeros(1, 3, 8)
    h[0, 0] = torch.randn(8)
    h[0, 2, 5] = 1e-20
    with torch.no_grad():
        close(script(numbers, codes, h)[0], encoder(x, h_0=h).payload)
        begun = encoder(x).payload
        found = script(numbers, codes, torch.zeros(1, 3, 8))[0]
        close(found, begun)
        zeros = encoder.seq_encoder.rnn(encoder.trx_encoder(x).payload, torch.zeros(1, 3, 8))[0]
    assert not torch.allclose(begun, zeros, atol=1e-3), "the learned start is not zero"


def test_lstm_has_no_learned_start(tmp_path: Path) -> None:
    encoder = trained(ptls_nn.RnnSeqEncoder(trx_encoder=trx_encoder(), hidden_size=8, type="lstm"))
    with torch.no_grad():
        encoder.seq_encoder.starter_h += 5
    export(encoder, tmp_path)
    assert_same_as(original(encoder), tmp_path, 2, [5, 4])


@pytest.mark.parametrize(
    ("encoder", "inputs", "reason"),
    [
        ({"bidir": True}, None, "bidirectional"),
        ({"reducer": "last_max_avg"}, None, "LastMaxAvgEncoder is not the state of the last step"),
        ({}, microseg.Inputs(list(NUMBERS.values()), CATEGORIES), "are mappings"),
        ({}, microseg.Inputs({"amount": microseg.amount()}, CATEGORIES), "numbers: the encoder reads"),
        ({}, microseg.Inputs(NUMBERS, dict(reversed(CATEGORIES.items()))), "expected the order of the encoder"),
    ],
)
def test_encoder_that_does_not_fit_is_refused(
    tmp_path: Path, encoder: dict[str, Any], inputs: microseg.Inputs | None, reason: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        module = ptls_nn.RnnSeqEncoder(trx_encoder=trx_encoder(), hidden_size=8, **encoder)
    with pytest.raises(microseg.ExportError, match=reason):
        export(module, tmp_path, inputs=inputs or microseg.Inputs(NUMBERS, CATEGORIES))


def test_part_that_is_not_supported_is_refused_by_name(tmp_path: Path) -> None:
    trx = trx_encoder(numeric_values={"amount": scalers.NumToVector(3), "gap": "identity"})
    with pytest.raises(microseg.ExportError, match="amount: NumToVector is not supported"):
        export(ptls_nn.RnnSeqEncoder(trx_encoder=trx, hidden_size=8), tmp_path)
    trx = trx_encoder(embeddings={"mcc_code": {"in": 4, "out": 4}, "kind": {"in": 4, "out": 2}}, out_of_index="assert")
    with pytest.raises(microseg.ExportError, match="a code beyond its table of 4"):
        export(ptls_nn.RnnSeqEncoder(trx_encoder=trx, hidden_size=8), tmp_path)


def test_codes_of_the_preprocessing_are_those_of_the_description() -> None:
    pandas = pytest.importorskip("pandas")
    # As it is packaged, 0.7.0 lacks a module that its preprocessing imports; 0.6.0 has it.
    preprocessing = pytest.importorskip("ptls.preprocessing", exc_type=ImportError)
    rows = pandas.DataFrame(
        {
            "client": [1, 1, 1, 2, 2, 2],
            "time": ["2020-01-01"] * 6,
            "mcc_code": ["5411", "5411", "5411", "742", "742", None],
            "amount": [1.0] * 6,
        }
    )
    preprocessor = preprocessing.PandasDataPreprocessor(
        "client", "time", cols_category=["mcc_code"], cols_numerical=["amount"]
    )
    encoded = preprocessor.fit_transform(rows)
    codes = microseg.codes_of_preprocessor(preprocessor)["mcc_code"]
    listed = [int(code) for row in encoded for code in row["mcc_code"]]
    # Up to pandas 2 a missing value is one more value; later it is another value than those that were seen.
    is_a_value = int(pandas.__version__.split(".")[0]) < 3
    assert codes == microseg.Codes({"5411": 1, "742": 2}, unknown=4 if is_a_value else 3, missing=3, padding=0)
    assert sorted(listed) == [1, 1, 1, 2, 2, codes.missing]
    assert preprocessor.get_category_dictionary_sizes() == {"mcc_code": codes.all()[-1] + 1}
    assert microseg.mcc(codes).codes.vocabulary == {"5411": 1, "0742": 2}
