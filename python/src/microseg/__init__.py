"""Networks for microseg: what they read at each step, and their export.

`microseg.export` needs torch: `pip install microseg[export]`. Everything else is plain Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microseg.description.categories import Category, Codes, category_of_field, mcc, sign, spending_class
from microseg.description.errors import DescriptionError
from microseg.description.network import Description, Field, Inputs, StateTensor, category_field, number_field
from microseg.description.numbers import (
    Number,
    active_days,
    amount,
    count,
    day_of_month,
    days_since_previous,
    hour,
    income,
    month,
    number_of_field,
    presence,
    share,
    spending,
    summary_of_field,
    total_spending,
    transactions,
    weekday,
)
from microseg.description.sequence import Events, Periods, events, periods
from microseg.description.transforms import Transform, clip, divide, standardise
from microseg.encoding.encoder import Encoded, Encoder
from microseg.encoding.errors import HistoryError
from microseg.lifestream import codes_of, codes_of_preprocessor
from microseg.taxonomy import Taxonomy, TransactionClass, read_taxonomy

if TYPE_CHECKING:
    from microseg.exporting.errors import ExportError
    from microseg.exporting.export import Exported, export

__all__ = [
    "Category",
    "Codes",
    "Description",
    "DescriptionError",
    "Encoded",
    "Encoder",
    "Events",
    "ExportError",
    "Exported",
    "Field",
    "HistoryError",
    "Inputs",
    "Number",
    "Periods",
    "StateTensor",
    "Taxonomy",
    "TransactionClass",
    "Transform",
    "active_days",
    "amount",
    "category_field",
    "category_of_field",
    "clip",
    "codes_of",
    "codes_of_preprocessor",
    "count",
    "day_of_month",
    "days_since_previous",
    "divide",
    "events",
    "export",
    "hour",
    "income",
    "mcc",
    "month",
    "number_field",
    "number_of_field",
    "periods",
    "presence",
    "read_taxonomy",
    "share",
    "sign",
    "spending",
    "spending_class",
    "standardise",
    "summary_of_field",
    "total_spending",
    "transactions",
    "weekday",
]


def __getattr__(name: str) -> object:
    """Imports torch only when the exporter is asked for."""
    if name == "ExportError":
        from microseg.exporting.errors import ExportError

        return ExportError
    if name in ("export", "Exported"):
        from microseg.exporting import export as exporter

        return getattr(exporter, name)
    raise AttributeError(f"module 'microseg' has no attribute {name!r}")
