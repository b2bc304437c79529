"""Times as tables write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from microseg.tables import moments
from microseg.tables.layout import Layout

EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2019-03-01", "2019-03-01"),
        ("2019-03-01 10:00", "2019-03-01 10:00"),
        ("2019-03-01T10:00:00.25+01:00", "2019-03-01T10:00:00.25+01:00"),
        ("2019-03-01 10:00:00 UTC", "2019-03-01 10:00:00 UTC"),
        ("20190301", "2019-03-01"),
        (20190301, "2019-03-01"),
        (20190301.0, "2019-03-01"),
        (1_551_434_400, "2019-03-01T10:00:00Z"),
        (1_551_434_400_250, "2019-03-01T10:00:00.250000000Z"),
        (1_551_434_400_250_001, "2019-03-01T10:00:00.250001000Z"),
        (1_551_434_400_250_001_007, "2019-03-01T10:00:00.250001007Z"),
        (date(2019, 3, 1), "2019-03-01"),
        (datetime(2019, 3, 1, 10), "2019-03-01T10:00:00"),
        (datetime(2019, 3, 1, 10, tzinfo=EAST), "2019-03-01T08:00:00Z"),
        (None, None),
        ("NaT", None),
        (float("nan"), None),
    ],
)
def test_time_becomes_a_text_of_the_service(cell: object, expected: str | None) -> None:
    read = moments.reader(Layout())
    if cell == "NaT":
        pytest.importorskip("pandas")
        import pandas

        cell = pandas.NaT
    assert read(cell) == expected


def test_first_format_that_fits_reads() -> None:
    read = moments.reader(Layout(date_format=["%d.%m.%Y", "%d/%m/%y %H:%M"]))
    assert [read("01.03.2019"), read("02/03/19 10:30"), read("2019-03-04")] == [
        "2019-03-01",
        "2019-03-02T10:30:00",
        "2019-03-04",
    ]
    with pytest.raises(moments.MomentFault, match="no format of date_format fits"):
        read("31.02.2019")


@pytest.mark.parametrize("cell", ["31.12.2019", "2019-02-30", "2019-13-01", 20190230, 5, 1.5, True, "2019-03-01 25:00"])
def test_cell_that_is_no_time_is_refused_without_its_value(cell: object) -> None:
    with pytest.raises(moments.MomentFault) as refused:
        moments.reader(Layout())(cell)
    assert f"{cell}" not in str(refused.value) or cell in (5, True)


def test_format_is_suggested_although_one_text_is_wrong() -> None:
    texts = [f"{day}.03.2019" for day in range(1, 29)] + ["32.03.2019"]
    assert moments.formats_that_read(texts) == ["%d.%m.%Y"]


def test_order_of_day_and_month_that_texts_leave_open_is_left_open() -> None:
    assert moments.formats_that_read(["01/02/2019", "03/04/2019"]) == ["%d/%m/%Y", "%m/%d/%Y"]
    assert moments.formats_that_read(["01/02/2019", "30/04/2019"]) == ["%d/%m/%Y"]
    assert moments.formats_that_read(["yesterday"]) == []
