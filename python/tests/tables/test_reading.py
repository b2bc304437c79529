"""Tables of each library as histories, and their faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

from microseg.client.checking import check_table
from microseg.tables.columns import Wanted
from microseg.tables.faults import TableError
from microseg.tables.frames import frame_of
from microseg.tables.layout import Layout
from microseg.tables.reading import Read, read_table

WANTED = Wanted(classes=frozenset({"rent", "groceries", "salary"}), income_classes=frozenset({"salary"}))
ROWS: dict[str, list[Any]] = {
    "customer_id": ["b", "a", "b"],
    "timestamp": [datetime(2019, 3, 1, 10, tzinfo=timezone.utc), datetime(2019, 3, 2, tzinfo=timezone.utc), None],
    "amount": [-1.5, -2.25, 3.0],
    "class": ["rent", None, "salary"],
    "mcc": [None, 5411, None],
}
GOOD = {**ROWS, "timestamp": [ROWS["timestamp"][0], ROWS["timestamp"][1], ROWS["timestamp"][0]]}
LIBRARIES: list[Callable[[dict[str, list[Any]]], Any]] = [pandas.DataFrame, polars.DataFrame, pyarrow.table]


def read(table: object, layout: Layout | None = None, *, keep: bool = False, wanted: Wanted = WANTED) -> Read:
    frame = frame_of(table)
    assert frame is not None
    return read_table(frame, layout or Layout(), wanted, keep=keep)


def faults(table: object, layout: Layout | None = None) -> list[str]:
    with pytest.raises(TableError) as refused:
        read(table, layout)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("library", LIBRARIES)
def test_rows_of_a_customer_become_one_history_in_the_order_of_first_rows(library: Any) -> None:
    documents = [json.loads(document) for document in read(library(GOOD)).documents()]
    assert [document["customer_id"] for document in documents] == ["b", "a"]
    first, second = documents[0]["transactions"]
    assert (first["amount"], first["class"], "mcc" in first) == (-1.5, "rent", False)
    assert datetime.fromisoformat(first["timestamp"][:19]) == datetime(2019, 3, 1, 10)
    assert first["timestamp"].endswith("Z")
    assert second["class"] == "salary"
    assert documents[1]["transactions"][0]["mcc"] == 5411


@pytest.mark.parametrize("library", LIBRARIES)
def test_missing_time_names_its_row(library: Any) -> None:
    assert faults(library(ROWS)) == [
        "column 'timestamp': the value is missing, 1 row (2); df.dropna(subset=['timestamp']) removes such rows"
    ]


@pytest.mark.parametrize("library", LIBRARIES)
def test_times_keep_their_nanoseconds(library: Any) -> None:
    moments = pandas.Series(pandas.to_datetime(["2019-03-01T10:00:00.000000001"]))
    column = {
        pandas.DataFrame: moments,
        polars.DataFrame: polars.Series(moments),
        pyarrow.table: pyarrow.array(moments),
    }
    table = library({"customer": ["a"], "date": column[library], "amount": [1], "mcc": [1]})
    assert b"10:00:00.000000001" in next(read(table).documents())


def test_customers_may_be_the_index_of_pandas() -> None:
    table = pandas.DataFrame(GOOD).set_index("customer_id")
    assert [(customer.name, customer.rows) for customer in read(table).customers] == [("b", [0, 2]), ("a", [1])]


@pytest.mark.parametrize("dtype", ["timestamp[ns][pyarrow]", "datetime64[s]", "category", object])
def test_times_of_other_types_of_pandas(dtype: Any) -> None:
    moments = pandas.Series(pandas.to_datetime(["2019-03-01T10:00:00"])).astype(dtype)
    table = pandas.DataFrame({"customer": "a", "date": moments, "amount": -1, "mcc": 1})
    assert json.loads(next(read(table).documents()))["transactions"][0]["timestamp"][:19] == "2019-03-01T10:00:00"


def test_values_of_numpy_in_mixed_columns_are_numbers() -> None:
    mixed = [numpy.int64(-3), numpy.float32(-1.5), "-2"]
    codes = [numpy.int16(5411), numpy.float64(5411.0), numpy.inf]
    table = pandas.DataFrame({"customer": "a", "date": numpy.datetime64("2019-03-01"), "amount": mixed, "mcc": codes})
    assert [str(fault) for fault in read(table, keep=True).faults] == [
        "column 'mcc': expected an MCC of up to four digits, 1 row (2)"
    ]


def test_decimals_stay_exact() -> None:
    amount = Decimal("-1234567890123456.123456789")
    table = pyarrow.table({"customer": ["a"], "date": ["2019-03-01"], "amount": [amount], "mcc": ["5411"]})
    assert f'"amount":{amount}'.encode() in next(read(table).documents())


def test_integers_of_customers_are_their_digits_even_as_floats() -> None:
    table = pandas.DataFrame({**GOOD, "customer_id": [7, 8, 7]})
    assert [customer.name for customer in read(table).customers] == ["7", "8"]
    assert [customer.name for customer in read(table.astype({"customer_id": float})).customers] == ["7", "8"]


def test_all_kinds_of_faults_are_told_at_once_without_values() -> None:
    table = pandas.DataFrame(
        {
            "Customer ID": ["a", "a", None, "b", "b"],
            "Booking Date": ["2019-03-01", "secret", "2019-03-01", "2019-03-01", "2019-02-30"],
            "amount": ["1", "2", "3", "secret", "5"],
            "class": ["rent", "secret", "rent", "rent", "rent"],
            "mcc": ["5411", "5411", "secret", "05411", "5411.0"],
        }
    )
    told = faults(table)
    assert len(told) == 6
    assert not any("secret" in fault for fault in told)
    assert {fault.split(":")[0] for fault in told} == {
        "column 'Customer ID'",
        "column 'Booking Date'",
        "column 'amount'",
        "column 'class'",
        "column 'mcc'",
    }


def test_kept_faults_leave_their_customers_out() -> None:
    found = read(pandas.DataFrame(ROWS), keep=True)
    assert [customer.name for customer in found.customers] == ["a"]
    assert list(found.refused) == ["b"]


def test_columns_are_found_by_their_usual_names_and_told_where_they_are_not() -> None:
    names = {"Client": ["a"], "Transaction Date": ["2019-03-01"], "AMOUNT": [1], "MCC Code": [5411]}
    assert read(pandas.DataFrame(names)).columns.names == {
        "customer_id": "Client",
        "timestamp": "Transaction Date",
        "amount": "AMOUNT",
        "mcc": "MCC Code",
    }
    twice = {**names, "Booking Date": ["2019-03-01"]}
    assert "more than one column" in faults(pandas.DataFrame(twice))[0]
    # All that lacks is told at once.
    assert len(faults(pandas.DataFrame({"x": [1]}))) == 4
    assert "no column is named" in faults(pandas.DataFrame({"x": [1]}))[0]
    assert "'AMOUNT' is near it" in faults(pandas.DataFrame(names), Layout(amount_column="AMUONT"))[0]
    del names["MCC Code"]
    assert "class_column= or mcc_column=" in faults(pandas.DataFrame(names))[0]


def test_currencies_are_compared_within_a_customer_without_regard_to_capitals() -> None:
    table = pandas.DataFrame({**GOOD, "Currency": ["usd", "EUR", "USD"]})
    assert len(read(table).customers) == 2
    table.loc[2, "Currency"] = "EUR"
    (fault,) = faults(table)
    assert fault.startswith("column 'Currency': another currency than before")
    assert "(2)" in fault and "mixed_currencies='add'" in fault
    assert len(read(table, Layout(mixed_currencies="add")).customers) == 2
    assert len(read(table.assign(Currency=["USD", "EUR", None])).customers) == 2


def test_table_without_rows_is_refused() -> None:
    assert faults(pandas.DataFrame(GOOD).iloc[:0]) == ["the table has no rows"]


def test_columns_for_each_direction_become_signed_amounts() -> None:
    table = pandas.DataFrame(
        {
            "customer": list("aaaaa"),
            "date": ["2019-03-01"] * 5,
            "mcc": [1] * 5,
            "Debit": ["5", "-6", "", "0", ""],
            "Credit": ["", "0.00", "7", "8", None],
        }
    )
    assert "no amount here" in faults(table)[0]
    (document,) = read(table.iloc[:4]).documents()
    assert [each["amount"] for each in json.loads(document)["transactions"]] == [-5, -6, 7, 8]
    table.loc[0, "Credit"] = "1"
    assert "in the credit column, too" in faults(table.iloc[:4])[0]


def test_categories_are_translated_and_the_others_counted() -> None:
    table = pandas.DataFrame({**GOOD, "class": ["Miete", "Essen", "Sonstiges"]})
    layout = Layout(category_map={"Miete": "rent", "Essen": None})
    found = read(table, layout)
    documents = [json.loads(document) for document in found.documents()]
    assert [each.get("class") for document in documents for each in document["transactions"]] == ["rent", None, None]
    assert found.unknown_classes == {"Sonstiges": 1}
    assert "no class of the model" in faults(table, Layout(category_map={"Miete": "rrent"}))[0]


def test_fields_and_ids_are_sent_where_the_model_reads_them() -> None:
    table = pandas.DataFrame({**GOOD, "id": [1, 2, 3], "saldo": [1.5, None, 2.0], "channel": ["web", "web", None]})
    wanted = Wanted(WANTED.classes, fields=("balance", "channel"), reads_events=True)
    documents = read(table, Layout(field_columns={"balance": "saldo"}), wanted=wanted).documents()
    first, second = json.loads(next(iter(documents)))["transactions"]
    assert (first["id"], first["balance"], first["channel"]) == ("1", 1.5, "web")
    assert (second["balance"], "channel" in second) == (2.0, False)
    assert b'"id"' not in next(read(table).documents())


def test_check_suggests_the_layout_that_reads_the_table() -> None:
    table = pandas.DataFrame(
        {
            "customer": ["a"] * 4,
            "date": ["13.03.2019", "14.03.2019", "31.02.2019", "15.03.2019"],
            "amount": ["1.234,50", "12,5", "7", "-3"],
            "class": ["rent", "rent", "rent", "salary"],
        }
    )
    frame = frame_of(table)
    assert frame is not None
    check = check_table(frame, Layout(), WANTED)
    assert check.changes == {"date_format": ["%d.%m.%Y"], "decimal": ",", "thousands": "."}
    assert eval(repr(check.layout)) == check.layout
    assert [fault.rows for fault in check.faults] == [[2]]
    assert any("out-positive" in note for note in check.notes)
    assert not check.is_good
    assert "suggested" in str(check)
    assert "<table>" in check._repr_html_()


def test_suggestions_that_contradict_each_other_are_none() -> None:
    table = pandas.DataFrame({"customer": "a", "date": "2019-03-01", "mcc": 1, "amount": ["1,234.50", "12,5"]})
    frame = frame_of(table)
    assert frame is not None
    assert len(check_table(frame, Layout(), WANTED).faults) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"debit_column": "x"},
        {"amount_column": "a", "debit_column": "x", "credit_column": "y"},
        {"decimal": ";"},
        {"decimal": ",", "thousands": ","},
        {"sign": "minus"},
    ],
)
def test_layout_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Layout"):
        Layout(**wrong)
