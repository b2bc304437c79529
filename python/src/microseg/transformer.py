# scikit-learn has no complete types.
# pyright: basic
"""Micro-segment features as a transformer of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from microseg.answers.scoring import Scoring
from microseg.client.client import Client
from microseg.client.histories import History
from microseg.tables.columns import customer_column
from microseg.tables.frames import TableLike, frame_of
from microseg.tables.layout import Layout

_FEATURES = ("state", "outputs")


class MicrosegTransformer(TransformerMixin, BaseEstimator):
    """Features of customers, one row each.

    Parameters
    ----------
    client : Client
        The service. Copies of the transformer have clients of their own.
    transactions : table or None
        All transactions, one row each, of pandas, polars or pyarrow. `X` then has one row a customer: a table with the
        customers' column among others, a column or a list of customers. So `y` and other features go with it, and
        splitting `X` splits the customers. Without it `X` is a list of histories, or a table of transactions, which
        gives one row for each customer in the order of their first rows.
    layout : Layout or None
        The names of columns and how cells are read; by default the client's.
    features : sequence of "state" and "outputs"
        The network's state after the last period, its outputs, or both.

    Attributes
    ----------
    model_ : dict
        The name, the version and the checksum of the model at `fit`. `transform` refuses another one.
    """

    def __init__(
        self,
        client: Client,
        *,
        transactions: TableLike | None = None,
        layout: Layout | None = None,
        features: Sequence[str] = ("state",),
    ) -> None:
        self.client = client
        self.transactions = transactions
        self.layout = layout
        self.features = features

    def __sklearn_tags__(self) -> Any:
        """Input is tables of text and histories, not arrays of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.dict = True
        tags.no_validation = True
        return tags

    def fit(self, X: Any, y: Any = None) -> MicrosegTransformer:
        """Asks the service for its model; nothing is learned from `X`."""
        unknown = [name for name in self.features if name not in _FEATURES]
        if unknown or not self.features:
            raise ValueError("features: expected 'state', 'outputs' or both")
        model = self.client.model()
        self.model_ = {name: model[name] for name in ("name", "version", "sha256")}
        names = {
            "state": [f"state.{place}" for place in range(model["hidden_size"])],
            "outputs": list(model["outputs"]),
        }
        self._names = [name for kind in self.features for name in names[kind]]
        return self

    def transform(self, X: Any) -> Any:
        """`[customers, features]`."""
        check_is_fitted(self, "model_")
        scorings, index = self._scorings(X)
        for scoring in scorings[:1]:
            if scoring.document["model"]["sha256"] != self.model_["sha256"]:
                raise ValueError("the service has another model than at fit: fit again")
        values = numpy.empty((len(scorings), len(self._names)))
        for row, scoring in enumerate(scorings):
            parts = {"state": scoring.state, "outputs": scoring.outputs.values()}
            values[row] = [value for kind in self.features for value in parts[kind]]
        if index is not None and self._wants_pandas():
            pandas: Any = import_module("pandas")
            return pandas.DataFrame(values, index=pandas.Index(index), columns=self._names)
        return values

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names of the columns; they do not depend on `input_features`."""
        check_is_fitted(self, "model_")
        return numpy.array(self._names, dtype=object)

    def _scorings(self, X: Any) -> tuple[list[Scoring], list[Any] | None]:
        """The scorings, and the customers where the rows of `X` are not they."""
        if self.transactions is not None:
            return self._of_customers(X, self.transactions), None
        if frame_of(X) is not None:
            found = self.client.scorings(X, layout=self.layout)
            return list(found.values()), list(found)
        histories = list(X)
        if not all(isinstance(each, Mapping) for each in histories):
            raise ValueError(
                "expected a table of transactions or a list of histories; or give MicrosegTransformer(transactions=...)"
            )
        return list(self.client.score(_histories(histories))), None

    def _of_customers(self, X: Any, transactions: TableLike) -> list[Scoring]:
        customers = self._customers(X)
        found = self.client.scorings(transactions, layout=self.layout, only=set(customers))
        by_name = {str(customer): scoring for customer, scoring in found.items()}
        missing = [row for row, customer in enumerate(customers) if customer not in by_name]
        if missing:
            raise ValueError(
                f"{len(missing)} customers have no transactions, at first in row {missing[0]} of X, from 0"
            )
        return [by_name[customer] for customer in customers]

    def _customers(self, X: Any) -> list[str]:
        frame = frame_of(X)
        if frame is None:
            cells = numpy.asarray(X, dtype=object)
            if cells.ndim == 2 and cells.shape[1] == 1:
                cells = cells[:, 0]
            if cells.ndim != 1:
                raise ValueError("X: expected one column of customers, or a table with their column")
            return [str(cell) for cell in cells]
        if len(frame.names) == 1:
            return [str(cell) for cell in frame.column(frame.names[0])]
        layout = self.layout or self.client.layout
        return [str(cell) for cell in frame.column(customer_column(frame.names, layout))]

    def _wants_pandas(self) -> bool:
        asked = getattr(self, "_sklearn_output_config", {}).get("transform") or get_config()["transform_output"]
        return asked == "pandas"


def _histories(histories: list[Any]) -> list[History]:
    return histories
