"""Small networks for the tests of the service: `python tests/make_networks.py`, with PYTHONHASHSEED=0.

Good ones are exports, with golden cases that have histories. Those in `wrong` are each wrong in one way, and must be
refused by `microseg model build` or `model check`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from histories import EVENT_HISTORIES, MONTH_HISTORIES
from own_networks import BidirectionalGru, CategoryGru, DropoutLeftOn, TimeFirstGru
from torch import nn

import microseg
from microseg.exporting.archive import save_reproducibly
from microseg.exporting.golden import nested

INTO = Path(__file__).resolve().parents[2] / "tests" / "networks"

CLASSES = [
    microseg.TransactionClass("groceries", "Groceries", "food", "5411 5422 5451"),
    microseg.TransactionClass("restaurants", "Restaurants", "food", "5812-5814"),
    microseg.TransactionClass("rent", "Rent", "housing", "6513"),
    microseg.TransactionClass("energy", "Electricity, gas and water", "housing", "4900"),
    microseg.TransactionClass("telephone", "Telephone", "housing", "4813-4815"),
    microseg.TransactionClass("clothing", "Clothing", "shopping", "5651 5691"),
    microseg.TransactionClass("veterinary", "Veterinary services", "shopping", "0742"),
    microseg.TransactionClass("travel", "Travel", "leisure", "3000-3299 4111 4511"),
    microseg.TransactionClass("cash", "Cash", "other", "6010-6011"),
    microseg.TransactionClass("health", "Health", "other", "5912 8011"),
    microseg.TransactionClass("insurance", "Insurance", "other", "6300"),
    microseg.TransactionClass("salary", "Salary", "income"),
]
"""Eleven classes of spending and one of income."""

SIZE = 16
Tamper = Callable[[dict[str, Any]], None]


def monthly_lstm() -> None:
    """Months; shares of eleven classes, total spending, and the month as an angle."""
    microseg.export(
        nn.LSTM(11 + 3, 12, batch_first=True),
        inputs=microseg.Inputs(
            [
                microseg.share(),
                microseg.total_spending(transforms=["signed_log1p"]),
                microseg.month(as_="sine"),
                microseg.month(as_="cosine"),
            ]
        ),
        sequence=microseg.periods("month", window=24),
        head=nn.Sequential(nn.Linear(12, 3), nn.Sigmoid()),
        outputs=["saver", "traveller", "spender"],
        classes=CLASSES,
        histories=MONTH_HISTORIES,
        into=INTO / "monthly-lstm",
    )


CLASS_CODES = {each.id: place for place, each in enumerate(CLASSES, start=1) if each.id not in ("cash", "insurance")}
"""Codes of the classes; two classes of the taxonomy have none, and so they are unknown."""


def event_gru() -> None:
    """Events; the class and the amount."""
    microseg.export(
        nn.GRU(1 + 4, SIZE),
        inputs=microseg.Inputs(
            [microseg.amount(transforms=["signed_log1p"])],
            [microseg.spending_class(CLASS_CODES, unknown=13, missing=14)],
        ),
        sequence=microseg.events(window_events=12),
        embeddings=[nn.Embedding(15, 4, padding_idx=0)],
        head=nn.Linear(SIZE, 2),
        outputs=["next_amount", "churn"],
        classes=CLASSES,
        histories=EVENT_HISTORIES,
        into=INTO / "event-gru",
    )


def event_lstm_2() -> None:
    """Events; two layers, times, a MCC, and two declared fields."""
    microseg.export(
        nn.LSTM(5 + 4 + 2 + 2, 10, num_layers=2, batch_first=True, dropout=0.1),
        inputs=microseg.Inputs(
            [
                microseg.amount(
                    transforms=[
                        microseg.clip(min=-10_000, max=10_000),
                        "signed_log1p",
                        microseg.standardise(mean=-2.1, deviation=1.7),
                    ]
                ),
                microseg.weekday(),
                microseg.hour(as_="cosine"),
                microseg.days_since_previous(transforms=["log1p"], missing=-1.0),
                microseg.number_of_field("balance", transforms=["signed_log1p"], missing=-1.0),
            ],
            [
                microseg.mcc({5411: 1, 5812: 2, 742: 3, 6011: 4}, unknown=5, missing=0),
                microseg.sign(),
                microseg.category_of_field("channel", {"web": 1, "card": 2}, unknown=3, missing=0),
            ],
        ),
        sequence=microseg.events(window_events=64, window_days=365),
        fields={"balance": microseg.number_field(unit="EUR"), "channel": microseg.category_field()},
        embeddings=[nn.Embedding(6, 4, padding_idx=0), nn.Embedding(4, 2), nn.Embedding(4, 2)],
        embeddings_place="after",
        head=nn.Linear(10, 2),
        outputs=["next_amount", "churn"],
        classes=CLASSES,
        histories=EVENT_HISTORIES,
        into=INTO / "event-lstm-2",
    )


def wrong_copy(name: str, tamper: Tamper | None = None) -> Path:
    """A copy of `event-gru`, with another description."""
    target = INTO / "wrong" / name
    shutil.copytree(INTO / "event-gru", target)
    if tamper is not None:
        path = target / "network.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        tamper(document)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return target


def shift_codes(document: dict[str, Any]) -> None:
    category = document["inputs"]["categories"][0]
    category["vocabulary"] = {name: code % 12 + 1 for name, code in category["vocabulary"].items()}


def change_transform(document: dict[str, Any]) -> None:
    document["inputs"]["numbers"][0]["transforms"] = ["log1p"]


def change_sizes(document: dict[str, Any]) -> None:
    document["state"][0]["size"] = document["state_size"] = SIZE + 8


def two_directions(document: dict[str, Any]) -> None:
    document["state"][0]["layers"] = 2
    document["state_size"] = 2 * SIZE


def wrong_network(name: str, module: nn.Module, tamper: Tamper | None = None, *, layers: int = 1) -> None:
    """A copy with another network, whose own numbers are in the golden cases where it gives any of the right form."""
    target = wrong_copy(name, tamper)
    cast(Any, module).table = nn.Embedding(15, 3, padding_idx=0)
    own = module.eval()
    is_double = name == "float64"
    own = own.double() if is_double else own
    save_reproducibly(torch.jit.script(own), target / "model.pt")
    path = target / "golden.json"
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    for case in cases:
        numbers = torch.tensor([case["numbers"]], dtype=torch.float64 if is_double else torch.float32)
        size = SIZE if "state" not in case else len(case["state"]["h"][0])
        h = torch.zeros(layers, 1, size, dtype=numbers.dtype)
        case.pop("state", None)
        with torch.no_grad():
            states, outputs, _ = own(numbers, torch.tensor([case["categories"]]), h)
        if name == "batch-first-confusion":
            # The right numbers: only the layout of what is answered is wrong.
            states, outputs = states.transpose(0, 1), outputs.transpose(0, 1)
        if name != "nan-weights":
            case |= {"states": nested(states[0].float()), "outputs": nested(outputs[0].float())}
    body = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{{"cases":[\n{body}\n]}}\n', encoding="utf-8")


def not_finite() -> CategoryGru:
    module = CategoryGru(1, SIZE)
    with torch.no_grad():
        module.head.weight[1, 0] = float("nan")
    return module


def main() -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        sys.exit("set PYTHONHASHSEED=0: the order of records in model.pt depends on it")
    torch.manual_seed(20)
    torch.set_num_threads(1)
    for name in ("monthly-lstm", "event-gru", "event-lstm-2", "wrong"):
        shutil.rmtree(INTO / name, ignore_errors=True)
    monthly_lstm()
    event_gru()
    event_lstm_2()
    wrong_copy("vocabulary-shifted", shift_codes)
    wrong_copy("transform-changed", change_transform)
    wrong_copy("wrong-state-size", change_sizes)
    wrong_network("float64", CategoryGru(1, SIZE))
    wrong_network("batch-first-confusion", TimeFirstGru(1, SIZE))
    wrong_network("bidirectional", BidirectionalGru(1, SIZE), two_directions, layers=2)
    wrong_network("dropout-left-on", DropoutLeftOn(1, SIZE))
    wrong_network("nan-weights", not_finite())


if __name__ == "__main__":
    main()
