"""Scorings of tables and of histories."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from server import Server

import microseg
from microseg import Client, HistoriesRefused, HistoryWarning, Layout, TableError

Rows = list[dict[str, Any]]
LIBRARIES: list[Callable[[Rows], Any]] = [
    pandas.DataFrame,
    lambda rows: polars.DataFrame(rows, infer_schema_length=None),
    pyarrow.Table.from_pylist,
]


def records(table: Any) -> list[dict[str, Any]]:
    """The rows of a table."""
    if isinstance(table, pandas.DataFrame):
        return table.reset_index().to_dict("records")
    return table.to_dicts() if isinstance(table, polars.DataFrame) else table.to_pylist()


@pytest.mark.parametrize("library", LIBRARIES)
def test_table_gives_the_numbers_of_each_history_alone(library: Any, client: Client, rows: Rows) -> None:
    table = library(rows)
    result = client.score(table)
    assert type(result) is type(table)
    found = records(result)
    assert [row["customer_id"] for row in found] == ["c-0", "c-1", "c-2"]
    for row in found:
        own = [{**each, "amount": each["amount"]} for each in rows if each["customer_id"] == row["customer_id"]]
        (scoring,) = client.score([{"transactions": own}])
        assert [row[f"state.{place}"] for place in range(8)] == scoring.state
        assert {name: row[name] for name in scoring.outputs} == scoring.outputs
        assert (row["segment"], row["transactions"]) == (scoring.segment, len(own))


@pytest.mark.parametrize("library", LIBRARIES)
def test_trajectory_has_a_row_for_each_customer_and_period(library: Any, client: Client, rows: Rows) -> None:
    found = records(client.trajectory(library(rows)))
    first = [row for row in found if row["customer_id"] == "c-0"]
    assert [row["period"] for row in first] == ["2015", "2016", "2017", "2018", "2019", "2020"]
    (steps,) = client.trajectory([{"transactions": [row for row in rows if row["customer_id"] == "c-0"]}])
    assert [row["spending"] for row in first] == [step.spending for step in steps]


def test_histories_are_sent_while_answers_are_read(client: Client, history: dict[str, Any]) -> None:
    taken = 0

    def histories() -> Iterator[dict[str, Any]]:
        nonlocal taken
        for taken in range(1, 2001):
            yield {**history, "customer_id": f"c-{taken}"}

    answers = client.score(histories())
    first = next(answers)
    assert first.customer_id == "c-1"
    # 2,000 histories of 80 kB would be 160 MB.
    assert taken < 1000
    answers.close()  # type: ignore[attr-defined]


def test_values_of_python_are_sent_exactly(client: Client) -> None:
    transactions = [{"timestamp": date(2019, 3, 2), "amount": Decimal("-250.10"), "class": "rent", "mcc": float("nan")}]
    (scoring,) = client.score([{"customer_id": "c", "transactions": transactions}])
    assert scoring.trajectory[0].spending == 250.10
    assert "micro-segment" in scoring._repr_html_()


def test_fault_of_the_service_names_the_row_of_the_table(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame(rows)
    # A year that the service does not read, in the 5th row of its customer.
    table.loc[14, "timestamp"] = "2300-01-01"
    with pytest.raises(HistoriesRefused) as refused:
        client.score(table)
    (fault,) = refused.value.faults
    assert (fault.column, list(fault.rows)) == ("timestamp", [14])
    kept = client.score(table, errors="keep")
    assert list(kept["problem"].notna()) == [False, False, True]
    assert kept.loc["c-2", "problem"].startswith("row 14, column 'timestamp'")
    assert refused.value.result.drop(index="c-2").equals(kept.drop(columns="problem").drop(index="c-2"))


def test_faults_that_the_client_sees_stop_before_anything_is_sent(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame(rows)
    table.loc[3, "class"] = "Sundries"
    table.loc[4, "amount"] = None
    with pytest.raises(TableError, match="2 kinds of faults"):
        client.score(table)
    assert client.score(table, errors="keep")["problem"].notna().sum() == 2
    assert client.check(table).unknown_classes == {"Sundries": 1}


def test_refused_history_raises_or_is_kept_with_its_customer(client: Client, history: dict[str, Any]) -> None:
    histories = [{"customer_id": "x", "transactions": []}, history]
    with pytest.raises(HistoriesRefused, match="history 0"):
        list(client.score(histories))
    kept, good = client.score(histories, errors="keep")
    assert (kept.customer_id, kept.problem is None, good.problem) == ("x", False, None)


def test_history_that_is_none_is_a_type_error(client: Client) -> None:
    with pytest.raises(TypeError, match="expected a history"):
        list(client.score(["transactions"]))  # type: ignore[list-item]
    for wrong, text in (({"transactions": []}, "into a list"), ("bookings.csv", "read it first"), (5, "not int")):
        for ask in (client.score, client.trajectory, client.explain):
            with pytest.raises(TypeError, match=text):
                ask(wrong)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="the type set"):
        list(client.score([{"transactions": {1}}]))


def test_error_of_the_iterator_is_raised_as_it_is(client: Client, history: dict[str, Any]) -> None:
    def histories() -> Iterator[dict[str, Any]]:
        yield history
        raise FileNotFoundError("own")

    with pytest.raises(FileNotFoundError, match="own"):
        list(client.score(histories()))


def test_amounts_with_the_other_sign_are_warned_about(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame([{**row, "amount": abs(row["amount"])} for row in rows])
    # One purchase is left, so that the service scores.
    table.loc[:30, "amount"] = -table.loc[:30, "amount"] * 100_000
    with pytest.warns(HistoryWarning, match="of 3 customers.*sign='out-positive'"):
        client.score(table)


def test_no_customers_are_no_request(client: Client) -> None:
    assert list(client.score([])) == []


def test_progress_is_reported(client: Client, rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, int | None]] = []
    client.score(pandas.DataFrame(rows), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    client.score(pandas.DataFrame(rows))
    assert capsys.readouterr().err == ""
    client.score(pandas.DataFrame(rows), progress=True)
    assert "3 of 3 customers" in capsys.readouterr().err


def test_layout_of_the_client_and_of_the_call(server: Server, rows: Rows) -> None:
    table = pandas.DataFrame(rows).rename(columns={"customer_id": "Kunde", "amount": "Betrag"})
    with Client(server.url, layout=Layout(customer_column="Kunde", amount_column="Betrag")) as client:
        result = client.score(table)
        assert (result.index.name, list(result["periods"])) == ("Kunde", [6, 6, 6])
        earlier = Layout(customer_column="Kunde", amount_column="Betrag", as_of="2018-01-01")
        assert list(client.score(table, layout=earlier)["periods"]) == [3, 3, 3]


def test_copies_ask_the_same_service_and_hide_the_key(server: Server) -> None:
    client = Client(server.url, "secret", layout=Layout(sign="out-positive"))
    for copied in (copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        assert copied.model() == client.model()
        assert copied.layout == client.layout
    assert "secret" not in repr(client)


def test_errors_survive_a_pickle() -> None:
    problem = microseg.ServiceProblem(401, {"detail": "no key"}, "r-1")
    assert str(pickle.loads(pickle.dumps(problem))) == str(problem)
