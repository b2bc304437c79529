"""Tables of pandas, polars and pyarrow, seen alike: columns as lists of Python values.

No library is imported before a table of it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast


class TableLike(Protocol):
    """A table of pandas, polars or pyarrow."""

    @property
    def shape(self) -> Any:
        """Rows and columns."""
        ...


Columns = Mapping[str, list[Any]]


class Frame(Protocol):
    """A table of any library."""

    @property
    def names(self) -> Sequence[str]:
        """The columns."""
        ...

    @property
    def rows(self) -> int:
        """How many."""
        ...

    def column(self, name: str) -> list[object]:
        """The cells; missing ones are `None`, times of the table's own type are texts."""
        ...

    def build(self, columns: Columns, index: str | None = None) -> object:
        """A table of the same library; where it has an index, the named column is that."""
        ...


def frame_of(data: object) -> Frame | None:
    """The frame of a table; `None` for anything else.

    Whatever else has Arrow's interface (`__arrow_c_stream__`), such as a relation of DuckDB, is read by pyarrow.
    """
    # A class may be derived from a table's.
    libraries = {each.__module__.partition(".")[0] for each in type(data).__mro__}
    if "pandas" in libraries and hasattr(data, "columns"):
        return _Pandas(data)
    if "polars" in libraries and hasattr(data, "columns"):
        return _Polars(data)
    if "pyarrow" in libraries or hasattr(data, "__arrow_c_stream__"):
        return _Arrow(data)
    return None


class _Pandas:
    def __init__(self, data: Any) -> None:
        self._pandas: Any = import_module("pandas")
        # Customers are often the index of a table.
        own = [name for name in data.index.names if name is not None and name not in data.columns]
        self._data = data.reset_index(level=own) if own else data
        self.names = [str(name) for name in self._data.columns]
        self.rows = len(self._data)

    def column(self, name: str) -> list[object]:
        series = self._data.iloc[:, self.names.index(name)]
        kind = series.dtype
        if getattr(kind, "kind", "") == "M" and hasattr(series, "dt"):
            return self._times(series)
        return cast("list[object]", series.astype(object).where(series.notna(), None).tolist())

    def _times(self, series: Any) -> list[object]:
        numpy: Any = import_module("numpy")
        zoned = series.dt.tz is not None
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else series
        values = moments.to_numpy()
        if values.dtype.kind != "M":
            values = moments.to_numpy("datetime64[ns]")
        texts = numpy.datetime_as_string(values)
        return [None if text == "NaT" else f"{text}Z" if zoned else str(text) for text in texts.tolist()]

    def build(self, columns: Columns, index: str | None = None) -> object:
        table = self._pandas.DataFrame(dict(columns))
        return table if index is None else table.set_index(index)


class _Polars:
    def __init__(self, data: Any) -> None:
        self._polars: Any = import_module("polars")
        self._data = data.collect() if hasattr(data, "collect") else data
        self.names = list(self._data.columns)
        self.rows = self._data.height

    def column(self, name: str) -> list[object]:
        series = self._data[name]
        if isinstance(series.dtype, self._polars.Datetime):
            zoned = series.dtype.time_zone is not None
            moments = series.dt.convert_time_zone("UTC") if zoned else series
            return moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.9f" + ("Z" if zoned else "")).to_list()
        return series.to_list()

    def build(self, columns: Columns, index: str | None = None) -> object:
        return self._polars.DataFrame(dict(columns), strict=False)


class _Arrow:
    def __init__(self, data: Any) -> None:
        self._arrow: Any = import_module("pyarrow")
        if isinstance(data, self._arrow.RecordBatch):
            data = self._arrow.Table.from_batches([data])
        self._data = data if isinstance(data, self._arrow.Table) else self._arrow.table(data)
        self.names = list(self._data.column_names)
        self.rows = self._data.num_rows

    def column(self, name: str) -> list[object]:
        values = self._data.column(self.names.index(name))
        if self._arrow.types.is_timestamp(values.type):
            compute: Any = import_module("pyarrow.compute")
            zoned = values.type.tz is not None
            moments = values.cast(self._arrow.timestamp(values.type.unit, "UTC")) if zoned else values
            return compute.strftime(moments, format="%Y-%m-%dT%H:%M:%S" + ("Z" if zoned else "")).to_pylist()
        return values.to_pylist()

    def build(self, columns: Columns, index: str | None = None) -> object:
        return self._arrow.table(dict(columns))
