"""microseg for Python: the client of the service, and networks for it.

`Client` scores and explains the customers of a table. The other names describe what a network reads at each step, and
`microseg.export` writes it; that needs torch: `pip install microseg[export]`. Everything else is plain Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microseg.answers.explanation import Contribution, Explanation, Explanations, Target
from microseg.answers.scoring import Scoring, Step
from microseg.client.checking import Check
from microseg.client.client import Client
from microseg.client.outcomes import HistoryWarning
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
from microseg.http.errors import ConnectionFailed, MicrosegError, ServiceProblem
from microseg.http.retries import Retries
from microseg.lifestream import codes_of, codes_of_preprocessor
from microseg.tables.faults import Fault, HistoriesRefused, TableError
from microseg.tables.layout import Layout
from microseg.taxonomy import Taxonomy, TransactionClass, read_taxonomy

if TYPE_CHECKING:
    from microseg.exporting.errors import ExportError
    from microseg.exporting.export import Exported, export
    from microseg.transformer import MicrosegTransformer

__all__ = [
    "Category",
    "Check",
    "Client",
    "Codes",
    "ConnectionFailed",
    "Contribution",
    "Description",
    "DescriptionError",
    "Encoded",
    "Encoder",
    "Events",
    "Explanation",
    "Explanations",
    "ExportError",
    "Exported",
    "Fault",
    "Field",
    "HistoriesRefused",
    "HistoryError",
    "HistoryWarning",
    "Inputs",
    "Layout",
    "MicrosegError",
    "MicrosegTransformer",
    "Number",
    "Periods",
    "Retries",
    "Scoring",
    "ServiceProblem",
    "StateTensor",
    "Step",
    "TableError",
    "Target",
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
    """Imports torch only when the exporter is asked for, and scikit-learn only for the transformer."""
    if name == "ExportError":
        from microseg.exporting.errors import ExportError

        return ExportError
    if name in ("export", "Exported"):
        from microseg.exporting import export as exporter

        return getattr(exporter, name)
    if name == "MicrosegTransformer":
        try:
            from microseg.transformer import MicrosegTransformer
        except ImportError as error:
            raise ImportError("MicrosegTransformer needs scikit-learn: pip install 'microseg[sklearn]'") from error
        return MicrosegTransformer
    raise AttributeError(f"module 'microseg' has no attribute {name!r}")
