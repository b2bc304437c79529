"""Descriptions that contradict themselves, and what `network.json` says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exported import description, golden
from torch import nn

import microseg
from microseg.description.network import check_inputs

EVENTS, MONTHS = microseg.events(window_events=9), microseg.periods("month", window=9)
BALANCE = {"balance": microseg.number_field(unit="EUR")}


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: microseg.clip(), "min, max or both"),
        (lambda: microseg.clip(min=2, max=1), "min is above max"),
        (lambda: microseg.divide(0), "other than 0"),
        (lambda: microseg.standardise(mean=0, deviation=0), "above 0"),
        (lambda: microseg.standardise(mean=float("nan"), deviation=1), "finite"),
        (lambda: microseg.amount(transforms=["log10"]), "expected clip"),  # type: ignore[list-item]
        (lambda: microseg.hour(as_="tangent"), "as_ is number, sine or cosine"),  # type: ignore[arg-type]
        (lambda: microseg.Number("amount", as_="sine"), "as_ is number, sine or cosine"),
        (lambda: microseg.Number("height"), "height is not known"),
        (lambda: microseg.Number("field"), "a field belongs to"),
        (lambda: microseg.days_since_previous(missing=float("inf")), "finite"),
        (lambda: microseg.mcc({54111: 1}), "up to four digits"),
        (lambda: microseg.mcc({"0742": 1, 742: 2}), "0742 is in the vocabulary twice"),  # type: ignore[dict-item]
        (lambda: microseg.mcc({}), "vocabulary is empty"),
        (lambda: microseg.mcc({5411: -1}), "at least 0"),
        (lambda: microseg.mcc({5411: 1}, unknown="skip"), "a code or error"),  # type: ignore[arg-type]
        (lambda: microseg.periods("fortnight", window=3), "expected one of day"),  # type: ignore[arg-type]
        (lambda: microseg.periods("day", window=1_201), "from 1 to 1,200"),
        (lambda: microseg.events(), "window_events, window_days or both"),
        (lambda: microseg.events(window_events=100_001), "from 1 to 100,000"),
        (lambda: microseg.events(window_days=0), "from 1 to 36,500"),
        (lambda: microseg.StateTensor("", 1, 1), "expected a name"),
        (lambda: microseg.TransactionClass("Rent", "Rent", "housing"), "a-z, 0-9 and hyphens"),
        (lambda: microseg.TransactionClass("rent", "Rent", "housing", "5422-5411"), "5422-5411 is no MCC"),
        (lambda: microseg.Taxonomy([microseg.TransactionClass("a", "", "", "5411")] * 2), "a is there twice"),
        (
            lambda: microseg.Taxonomy(microseg.TransactionClass(name, "", "", "5411") for name in ("a", "b")),
            "5411 is in another class too",
        ),
        (lambda: microseg.Taxonomy([microseg.TransactionClass("a", "", "", "5411 5400-5499")]), "5411 is in another"),
        (lambda: check_inputs(MONTHS, [microseg.amount()], [], {}, 0), "a period has no such number"),
        (lambda: check_inputs(EVENTS, [microseg.income()], [], {}, 0), "an event has no such number"),
        (lambda: check_inputs(MONTHS, [microseg.income()], [microseg.sign()], {}, 0), "a period has none"),
        (lambda: check_inputs(MONTHS, [microseg.share()], [], {}, 0), "it needs classes"),
        (lambda: check_inputs(EVENTS, [], [microseg.sign()], {}, 0), "at least one number"),
        (lambda: check_inputs(EVENTS, [microseg.number_of_field("b")], [], {}, 0), "must be declared as a number"),
        (
            lambda: check_inputs(
                EVENTS, [microseg.amount()], [microseg.category_of_field("balance", {"a": 1})], BALANCE, 0
            ),
            "must be declared as a category",
        ),
        (lambda: check_inputs(EVENTS, [microseg.amount()], [], {"mcc": microseg.number_field()}, 0), "already"),
        (
            lambda: check_inputs(microseg.periods("day", window=1_200), [microseg.share()], [], {}, 219),
            "more than 262,144 numbers",
        ),
    ],
)
def test_description_that_contradicts_itself_is_refused(make: Callable[[], Any], reason: str) -> None:
    with pytest.raises(microseg.DescriptionError, match=reason):
        make()


def test_description_says_everything_that_it_was_given(tmp_path: Path) -> None:
    microseg.export(
        nn.GRU(4 + 2, 3),
        inputs=microseg.Inputs(
            [
                microseg.amount(
                    transforms=[
                        microseg.clip(min=-1, max=1),
                        "signed_log1p",
                        microseg.standardise(mean=-2.1, deviation=1.7),
                    ]
                ),
                microseg.days_since_previous(transforms=["log1p", microseg.divide(2)]),
                microseg.weekday(as_="sine"),
                microseg.number_of_field("balance", missing=-1),
            ],
            [microseg.mcc({5411: 1, 742: 2})],
        ),
        sequence=microseg.events(window_events=512, window_days=730),
        fields=BALANCE,
        embeddings=[nn.Embedding(3, 2)],
        outputs="state",
        into=tmp_path,
    )
    assert description(tmp_path) == {
        "description_version": 1,
        "network": "model.pt",
        "sequence": {"step": "event", "window": {"events": 512, "days": 730}},
        "fields": {"balance": {"type": "number", "unit": "EUR"}},
        "inputs": {
            "numbers": [
                {
                    "of": "amount",
                    "transforms": [
                        {"clip": {"min": -1, "max": 1}},
                        "signed_log1p",
                        {"standardise": {"mean": -2.1, "deviation": 1.7}},
                    ],
                },
                {"of": "days_since_previous", "transforms": ["log1p", {"divide": 2}]},
                {"of": "weekday", "as": "sine"},
                {"of": "field", "field": "balance", "missing": -1},
            ],
            "categories": [
                {
                    "of": "mcc",
                    "vocabulary": {"5411": 1, "0742": 2},
                    "padding": 0,
                    "unknown": "error",
                    "missing": "error",
                }
            ],
        },
        "state": [{"name": "h", "layers": 1, "size": 3}],
        "state_size": 3,
        "outputs": ["state_0", "state_1", "state_2"],
    }
    assert not (tmp_path / "taxonomy.csv").exists()


def test_classes_become_a_taxonomy_and_the_order_of_their_numbers(tmp_path: Path) -> None:
    classes = [
        microseg.TransactionClass("salary", "Salary, pension", "income"),
        microseg.TransactionClass("rent", "Rent", "housing", "6513"),
        microseg.TransactionClass("food", "Food", "food", "5411 5812-5814"),
    ]
    history = {"transactions": [{"timestamp": "2020-01-01", "amount": -3, "mcc": 5813}]}
    microseg.export(
        nn.GRU(2, 3),
        inputs=microseg.Inputs([microseg.share()]),
        sequence=MONTHS,
        classes=classes,
        outputs="state",
        histories=[history],
        into=tmp_path,
    )
    assert (tmp_path / "taxonomy.csv").read_text() == (
        'class,title,group,mcc,source\nsalary,"Salary, pension",income,,\nrent,Rent,housing,6513,\n'
        "food,Food,food,5411 5812-5814,\n"
    )
    assert golden(tmp_path)[0]["numbers"] == [[0, 1]]
    assert golden(tmp_path)[0]["history"] == history
    assert microseg.read_taxonomy(tmp_path / "taxonomy.csv").classes == classes


def test_history_that_cannot_be_encoded_is_named(tmp_path: Path) -> None:
    with pytest.raises(microseg.ExportError, match="histories: broken: /transactions/0/amount"):
        microseg.export(
            nn.GRU(1, 3),
            inputs=microseg.Inputs([microseg.amount()]),
            sequence=EVENTS,
            outputs="state",
            histories={"broken": {"transactions": [{"timestamp": "2020-01-01"}]}},
            into=tmp_path,
        )
