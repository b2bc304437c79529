"""The reference encoder, compared with numbers worked out by hand."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest
from histories import EVENT_HISTORIES, MONTH_HISTORIES

import microseg

CLASSES = microseg.Taxonomy(
    [
        microseg.TransactionClass("groceries", "Groceries", "food", "5411 5422"),
        microseg.TransactionClass("veterinary", "Vets", "other", "0742"),
        microseg.TransactionClass("salary", "Salary", "income"),
    ]
)
FIELDS = {"balance": microseg.number_field(), "channel": microseg.category_field()}


def single(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


def encode(
    sequence: microseg.Events | microseg.Periods,
    numbers: list[microseg.Number],
    transactions: list[dict[str, Any]],
    categories: tuple[microseg.Category, ...] = (),
    **history: Any,
) -> microseg.Encoded:
    encoder = microseg.Encoder(sequence, numbers, categories, FIELDS, CLASSES)
    return encoder.encode({"transactions": transactions} | history)


def events(
    numbers: list[microseg.Number], transactions: list[dict[str, Any]], *categories: microseg.Category, **history: Any
) -> microseg.Encoded:
    return encode(microseg.events(window_events=10), numbers, transactions, categories, **history)


def bought(timestamp: str, amount: float = -1, **members: Any) -> dict[str, Any]:
    return {"timestamp": timestamp, "amount": amount} | members


@pytest.mark.parametrize(
    ("transforms", "amount", "expected"),
    [
        ([], -12.5, -12.5),
        (["signed_log1p"], -12.5, -math.log(13.5)),
        (["signed_log1p"], 0, 0.0),
        (["log1p"], 3, math.log(4)),
        (["log1p"], -3, 0.0),
        (["sqrt"], 9, 3.0),
        (["sqrt"], -9, 0.0),
        ([microseg.clip(min=-5)], -12.5, -5.0),
        ([microseg.clip(max=5)], 12.5, 5.0),
        ([microseg.divide(-4)], 10, -2.5),
        ([microseg.standardise(mean=2, deviation=4)], 10, 2.0),
        ([microseg.clip(max=8), "log1p", microseg.divide(2)], 100, math.log(9) / 2),
        ([microseg.divide(2), "log1p"], 8, math.log(5)),
        # Rounded once, at the end: twice would give another number.
        ([microseg.divide(3), microseg.divide(1 / 3)], 0.1, single(0.1 / 3 / (1 / 3))),
    ],
)
def test_transforms_are_applied_in_order_and_rounded_once(
    transforms: list[microseg.Transform], amount: float, expected: float
) -> None:
    encoded = events([microseg.amount(transforms=transforms)], [bought("2020-01-01", amount)])
    assert encoded.numbers == [[single(expected)]]


def test_calendar_of_an_event_is_that_of_its_time_zone() -> None:
    numbers = [microseg.hour(), microseg.weekday(), microseg.day_of_month(), microseg.month()]
    # A Friday in UTC, and a Thursday evening in New York.
    at = [bought("2021-01-01T03:59:59Z")]
    assert events(numbers, at).numbers == [[3, 4, 1, 1]]
    assert events(numbers, at, time_zone="America/New_York").numbers == [[22, 3, 31, 12]]


@pytest.mark.parametrize(
    ("number", "timestamp", "turn"),
    [
        (microseg.hour, "2021-01-01T06:30:00Z", 6 / 24),
        (microseg.weekday, "2021-01-01", 4 / 7),
        (microseg.day_of_month, "2021-01-31", 30 / 31),
        (microseg.month, "2021-12-31", 11 / 12),
    ],
)
def test_angles_are_counted_from_zero(number: Any, timestamp: str, turn: float) -> None:
    encoded = events([number(as_="sine"), number(as_="cosine")], [bought(timestamp)])
    assert encoded.numbers == [[single(math.sin(2 * math.pi * turn)), single(math.cos(2 * math.pi * turn))]]


def test_days_since_previous_are_missing_for_the_first_event_of_the_window() -> None:
    sequence = microseg.events(window_events=2)
    listed = [bought("2020-01-01"), bought("2020-01-11"), bought("2020-01-11T06:00:00Z")]
    numbers = [microseg.days_since_previous(transforms=["log1p"], missing=-1)]
    assert encode(sequence, numbers, listed).numbers == [[-1], [single(math.log(1.25))]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # A clock that is put forward at 2:00, and one that shows 2:30 twice.
        ("2021-03-28T02:30:00", "2021-03-28T01:30:00Z"),
        ("2021-10-31T02:30:00", "2021-10-31T00:30:00Z"),
        ("2021-07-01", "2021-06-30T22:00:00Z"),
        ("2021-07-01 00:00", "2021-06-30T22:00:00Z"),
        ("2021-07-01 00:00:00.5", "2021-06-30T22:00:00.500Z"),
        ("2021-07-01T00:00:00+0530", "2021-06-30T18:30:00 UTC"),
        ("2021-07-01 00:00:00+02", "2021-06-30T22:00:00z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ],
)
def test_written_time_is_the_moment_that_it_means(name: str, expected: str) -> None:
    listed = [bought(name), bought(expected)]
    encoded = events([microseg.days_since_previous(missing=-1)], listed, time_zone="Europe/Berlin")
    assert encoded.numbers == [[-1], [0]]


def test_order_of_a_list_changes_nothing() -> None:
    listed = [
        bought("2020-01-01", 5, id="b"),
        bought("2020-01-01", 4, id="a"),
        bought("2020-01-01", 3, id="B"),
        bought("2020-01-01", 2),
        bought("2020-01-01", 1),
        bought("2020-01-01", 1, mcc=5411),
        bought("2020-01-01", 1, balance=7),
    ]
    numbers = [microseg.amount(), microseg.number_of_field("balance", missing=-9)]
    # Without an id first: of no class, by their amounts, then by the field; capital letters before small ones.
    expected = [[1, -9], [1, 7], [2, -9], [1, -9], [3, -9], [4, -9], [5, -9]]
    assert events(numbers, listed).numbers == expected
    assert events(numbers, listed[::-1]).numbers == expected


def test_window_ends_before_as_of_and_has_the_last_events_of_the_last_days() -> None:
    listed = [bought(f"2020-01-{day:02}T12:00:00Z", day) for day in range(1, 11)]
    amounts = [microseg.amount()]

    def read(sequence: microseg.Events, **history: Any) -> list[float]:
        return [row[0] for row in encode(sequence, amounts, listed, **history).numbers]

    assert read(microseg.events(window_events=3)) == [8, 9, 10]
    assert read(microseg.events(window_events=3), as_of="2020-01-05T12:00:00Z") == [2, 3, 4]
    assert read(microseg.events(window_days=2), as_of="2020-01-06T00:00:00Z") == [4, 5]
    assert read(microseg.events(window_events=2, window_days=90)) == [9, 10]
    assert read(microseg.events(window_events=90, window_days=3)) == [8, 9, 10]


def test_categories_have_codes_also_for_what_is_unknown_and_missing() -> None:
    codes = {"unknown": 8, "missing": 9}
    wanted = [
        microseg.spending_class({"groceries": 1, "salary": 2}, **codes),
        microseg.mcc({5411: 1, "742": 2}, **codes),
        microseg.sign(),
        microseg.category_of_field("channel", {"web": 1}, **codes),
    ]
    listed = [
        bought("2020-01-01", -1, mcc="5411", channel="web"),
        bought("2020-01-02", 0, mcc=742, channel="WEB"),
        bought("2020-01-03", 1, **{"class": "salary"}),
        bought("2020-01-04", 1, mcc=9999),
        bought("2020-01-05", 1, mcc="N/A"),
        bought("2020-01-06", 1, mcc=5411.0, **{"class": "no-such"}),
    ]
    assert events([microseg.amount()], listed, *wanted, unknown_class="skip").categories == [
        [1, 1, 1, 1],
        [8, 2, 3, 8],
        [2, 9, 2, 9],
        [8, 8, 2, 9],
        [9, 9, 2, 9],
        [8, 1, 2, 9],
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("7", "7"),
        ('"7"', "7"),
        ("7.0", "7"),
        ("7e0", "7"),
        ("-7", "-7"),
        ("-0.0", "0"),
        ("18446744073709551615", "18446744073709551615"),
        ('"7.0"', "7.0"),
    ],
)
def test_category_given_as_a_whole_number_is_read_as_its_digits(written: str, text: str) -> None:
    wanted = microseg.category_of_field("channel", {text: 1}, unknown=8, missing=9)
    listed = [bought("2020-01-01", channel=json.loads(written))]
    assert events([microseg.amount()], listed, wanted).categories == [[1]]


@pytest.mark.parametrize("written", ["7.5", "18446744073709551616", "1e17", "1e999", "true", '["web"]'])
def test_category_that_is_neither_text_nor_a_whole_number_is_refused(written: str) -> None:
    listed = [bought("2020-01-01", channel=json.loads(written))]
    with pytest.raises(microseg.HistoryError, match="/transactions/0/channel: expected text, or a whole number"):
        events([microseg.amount()], listed)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"mcc": 4900}, "/transactions/1/mcc: is not in"),
        ({}, "/transactions/1/mcc: is missing"),
        ({"mcc": 54111}, "/transactions/1/mcc: expected"),
        ({"mcc": 5411, "class": "no-such"}, "/transactions/1/class: no such class"),
        ({"mcc": 5411, "amount": 2e12}, "/transactions/1/amount"),
        ({"mcc": 5411, "timestamp": "yesterday"}, "/transactions/1/timestamp"),
        ({"mcc": 5411, "balance": "7"}, "/transactions/1/balance: expected a number"),
        ({"mcc": 5411, "balance": math.inf}, "/transactions/1/balance: expected a finite number"),
        ({"mcc": 5411, "balance": 10**400}, "/transactions/1/balance: expected a finite number"),
    ],
)
def test_value_that_is_refused_is_pointed_to(members: dict[str, Any], pointer: str) -> None:
    listed = [bought("2020-01-05", mcc=5411), bought("2020-01-01") | members]
    with pytest.raises(microseg.HistoryError, match=pointer):
        events([microseg.amount()], listed, microseg.mcc({5411: 1}))


def test_history_without_a_transaction_in_its_window_is_refused() -> None:
    for sequence in (microseg.events(window_days=3), microseg.periods("month", window=3)):
        with pytest.raises(microseg.HistoryError, match="no transaction"):
            encode(sequence, [microseg.month()], [bought("2020-02-01")], as_of="2020-01-01")


def test_numbers_of_a_period() -> None:
    numbers = [
        microseg.share(),
        microseg.spending(),
        microseg.count(),
        microseg.presence(),
        microseg.total_spending(),
        microseg.income(),
        microseg.transactions(),
        microseg.active_days(),
        microseg.summary_of_field("last", "balance", missing=-9),
        microseg.summary_of_field("mean", "balance", missing=-9),
        microseg.summary_of_field("min", "balance", missing=-9),
        microseg.summary_of_field("max", "balance", missing=-9),
        microseg.summary_of_field("sum", "balance", missing=-9),
        microseg.month(),
    ]
    listed = [
        bought("2020-01-31T23:00:00Z", -0.1, mcc=5411, balance=4),
        bought("2020-01-31T22:00:00Z", -0.2, mcc=5422, balance=10),
        bought("2020-01-30", -0.1, mcc=742),
        # More comes back than was spent: nothing was, and it counts.
        bought("2020-01-02", 5, mcc=742),
        bought("2020-01-03", 2000, **{"class": "salary"}),
        bought("2020-01-03", -7, mcc=4900),
        bought("2020-03-01", -3, mcc=742),
        bought("2020-03-01", -1, mcc=5411),
    ]
    january = [1, 0, 0.3, 0, 2, 2, 1, 1, 0.3, 2000, 6, 4, 4, 7, 4, 10, 14, 1]
    february = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -9, -9, -9, -9, -9, 2]
    march = [0.25, 0.75, 1, 3, 1, 1, 1, 1, 4, 0, 2, 1, -9, -9, -9, -9, -9, 3]
    expected = [[single(value) for value in row] for row in (january, february, march)]
    assert encode(microseg.periods("month", window=24), numbers, listed).numbers == expected
    assert encode(microseg.periods("month", window=2), numbers, listed).numbers == expected[1:]
    assert encode(microseg.periods("month", window=24), numbers, listed, as_of="2020-03-01").numbers == expected[:2]


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        # Thursday, Sunday and Monday; the year begins in the week before.
        ("day", [1, 0, 0, 1, 1]),
        ("week", [2, 1]),
        ("month", [1, 2]),
        ("quarter", [1, 2]),
        ("year", [1, 2]),
    ],
)
def test_periods_begin_with_their_first_day(kind: Any, counts: list[int]) -> None:
    listed = [bought("2020-12-31T23:59:59Z"), bought("2021-01-03T23:59:59Z"), bought("2021-01-04")]
    sequence = microseg.periods(kind, window=9)
    assert [row[0] for row in encode(sequence, [microseg.transactions()], listed).numbers] == counts


def test_clocks_set_back_over_midnight_do_not_end_a_month_twice() -> None:
    # From one minute past midnight back to 23:01 of the day before.
    listed = [bought("2009-11-01T02:30:30Z"), bought("2009-11-01T02:40:00Z")]
    sequence = microseg.periods("month", window=9)
    encoded = encode(sequence, [microseg.month()], listed, time_zone="America/St_Johns")
    assert encoded.numbers == [[11]]


def test_histories_of_the_committed_networks_give_the_same_in_any_order() -> None:
    numbers = [microseg.amount(), microseg.days_since_previous()]
    for history in (*EVENT_HISTORIES.values(), *MONTH_HISTORIES.values()):
        backwards = history | {"transactions": history["transactions"][::-1]}
        listed = [
            microseg.Encoder(microseg.events(window_events=9), numbers, [], FIELDS, CLASSES).encode(
                each | {"unknown_class": "skip"}
            )
            for each in (history, backwards)
        ]
        assert listed[0] == listed[1]
