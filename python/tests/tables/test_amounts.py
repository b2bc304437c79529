"""Amounts as tables write them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from microseg.tables import amounts
from microseg.tables.layout import Layout

COMMA = Layout(decimal=",", thousands=".")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("-12.50", "-12.50"),
        ("12.5", "12.5"),
        ("+12.5", "12.5"),
        (" 007.50 ", "7.50"),
        (".5", "0.5"),
        ("5.", "5"),
        ("\u221212.50", "-12.50"),
        ("12.50-", "-12.50"),
        ("(12.50)", "-12.50"),
        ("$ 12.50", "12.50"),
        ("-12.50 EUR", "-12.50"),
        ("EUR-12.50", "-12.50"),
        ("12.50 kr.", "12.50"),
        ("12.50 DR", "-12.50"),
        ("12.50CR", "12.50"),
        ("1'234.50", "1234.50"),
        ("1\u202f234.50", "1234.50"),
        ("1e3", "1000"),
        (-12.5, "-12.5"),
        (3, "3"),
        (Decimal("-0.10"), "-0.10"),
        (None, None),
        (math.nan, None),
        ("", None),
        ("NULL", None),
        ("-", None),
    ],
)
def test_amount_becomes_an_exact_number(cell: object, expected: str | None) -> None:
    assert amounts.reader(Layout())(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("1.234,56", "1234.56"), ("-1.234.567,8 \u20ac", "-1234567.8"), ("12,5", "12.5"), ("7", "7"), (-2.5, "-2.5")],
)
def test_amount_with_decimal_comma(cell: object, expected: str) -> None:
    assert amounts.reader(COMMA)(cell) == expected


@pytest.mark.parametrize(
    ("cell", "changes"),
    [
        ("12,50", {"decimal": ","}),
        ("1,234.50", {"thousands": ","}),
        ("1.234,50", {"decimal": ",", "thousands": "."}),
        ("1,234", {}),
        ("12.50.1", {}),
        ("DR 12.50 CR", {}),
        ("rent", {}),
        ("12x", {}),
        (math.inf, {}),
        (True, {}),
        ([1], {}),
    ],
)
def test_text_that_is_no_amount_is_refused_without_its_value(cell: object, changes: dict[str, str]) -> None:
    with pytest.raises(amounts.AmountFault) as refused:
        amounts.reader(Layout())(cell)
    assert refused.value.changes == changes
    assert str(cell) not in str(refused.value)


def test_debit_mark_is_money_out_whatever_the_sign_of_the_table() -> None:
    read = amounts.reader(Layout(sign="out-positive"))
    # The sign of the whole column is turned after this.
    assert [read("5 DR"), read("5 CR")] == ["5", "-5"]
