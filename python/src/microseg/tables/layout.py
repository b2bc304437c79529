"""Layout of a caller's table: the names of its columns, and how its cells are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Sign = Literal["out-negative", "out-positive"]


@dataclass(frozen=True, repr=False)
class Layout:
    """Where a table has what a history needs, one row a transaction.

    A column without a name here is found by its usual names (`customer_id`, `Customer ID`, `client`; `timestamp`,
    `date`, `booking date`; ...), whatever their capitals, blanks and underscores. Two that would do are an error that
    names both.
    """

    customer_column: str | None = None
    """The customer of each row; rows of a customer need not be together."""
    timestamp_column: str | None = None
    """Times or dates: of the table's own type, RFC 3339 texts, texts of `date_format`, numbers such as 20190301, or
    seconds, milliseconds, microseconds or nanoseconds since 1970, which their size tells apart."""
    amount_column: str | None = None
    """Signed amounts; texts may have currency signs, blanks, parentheses or a minus at the end (both: a minus), `DR`
    (money out) and `CR` (money in)."""
    debit_column: str | None = None
    """Money out in a column of its own, whatever its sign; with `credit_column` in place of `amount_column`."""
    credit_column: str | None = None
    """Money in, whatever its sign."""
    class_column: str | None = None
    """Classes of the model's taxonomy, or categories that `category_map` translates."""
    mcc_column: str | None = None
    """Merchant category codes (ISO 18245): numbers or texts, such as 5812, `5812.0`, `05411`."""
    currency_column: str | None = None
    """Optional; used only by this or its usual name."""
    id_column: str | None = None
    """The transaction's id, which orders events of the same time. Optional; only by this name."""
    field_columns: Mapping[str, str] = field(default_factory=dict[str, str])
    """Fields that the model declares beside these, with the columns that have them: `{"balance": "saldo"}`."""

    date_format: str | Sequence[str] | None = None
    """The formats of texts in the column of times, as in `datetime.strptime`: the first that fits. RFC 3339 fits."""
    decimal: str = "."
    """The sign between whole and fraction of amounts that are texts."""
    thousands: str | None = None
    """The sign between thousands; blanks and apostrophes are always left out."""
    sign: Sign = "out-negative"
    """`out-positive`: money out is written without a minus, as many cards and aggregators do."""
    category_map: Mapping[str, str | None] | None = None
    """The bank's own categories and the model's classes for them; `None` or no entry: no class, so the MCC decides."""

    time_zone: str | None = None
    """The zone of the IANA database of times without an offset, and of the calendar of periods; by default UTC."""
    as_of: str | None = None
    """Where the window of all customers ends, exclusive: a time or a date. By default with the newest period."""
    unknown_class: Literal["error", "skip"] = "error"
    """`skip`: a class that the taxonomy lacks is counted as unclassified."""
    mixed_currencies: Literal["error", "add"] = "error"
    """`add`: amounts of several currencies are added up as they are."""

    def __post_init__(self) -> None:
        if (self.debit_column is None) != (self.credit_column is None):
            raise ValueError("Layout: debit_column and credit_column go together")
        if self.debit_column is not None and self.amount_column is not None:
            raise ValueError("Layout: give amount_column, or debit_column and credit_column")
        if self.decimal not in (".", ","):
            raise ValueError("Layout: decimal: expected '.' or ','")
        if self.thousands == self.decimal:
            raise ValueError("Layout: thousands and decimal are the same sign")
        if self.sign not in ("out-negative", "out-positive"):
            raise ValueError("Layout: sign: expected 'out-negative' or 'out-positive'")
        if self.unknown_class not in ("error", "skip") or self.mixed_currencies not in ("error", "add"):
            raise ValueError("Layout: expected unknown_class 'error' or 'skip', mixed_currencies 'error' or 'add'")

    def __repr__(self) -> str:
        """What differs from the defaults, as it can be written again."""
        usual = Layout.__dataclass_fields__
        own = {name: getattr(self, name) for name in usual}
        changed = {name: value for name, value in own.items() if value != usual[name].default and value != {}}
        return f"Layout({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of times."""
        if self.date_format is None:
            return ()
        return (self.date_format,) if isinstance(self.date_format, str) else tuple(self.date_format)
