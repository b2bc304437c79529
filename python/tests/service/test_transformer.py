"""The transformer in scikit-learn's hands."""

from __future__ import annotations

import pickle
from typing import Any

import numpy
import pandas
import pytest
from server import Server
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from microseg import Client, MicrosegTransformer

Rows = list[dict[str, Any]]

# Those that need no array of numbers; `check_estimator` itself leaves the others out, by the tags of the input.
CHECKS = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_get_params_invariance",
    "check_set_params",
    "check_mixin_order",
]


@pytest.mark.parametrize("name", CHECKS)
def test_checks_of_scikit_learn_that_need_no_numbers(name: str, client: Client) -> None:
    getattr(estimator_checks, name)("MicrosegTransformer", MicrosegTransformer(client))


def test_check_estimator_finds_no_fault(client: Client) -> None:
    with pytest.warns(UserWarning, match="requires input"):
        results = estimator_checks.check_estimator(MicrosegTransformer(client), on_fail=None, on_skip=None)
    assert {result["status"] for result in results} == {"passed"}


def test_histories_become_features_with_names(client: Client, history: dict[str, Any]) -> None:
    transformer = MicrosegTransformer(client, features=["state", "outputs"])
    values = transformer.fit_transform([history, history])
    (scoring,) = client.score([history])
    assert values[1].tolist() == [*scoring.state, *scoring.outputs.values()]
    assert list(transformer.get_feature_names_out()) == [f"state.{place}" for place in range(8)] + list(scoring.outputs)
    with pytest.raises(NotFittedError):
        MicrosegTransformer(client).transform([history])
    with pytest.raises(ValueError, match="features"):
        MicrosegTransformer(client, features=["x"]).fit([history])
    with pytest.raises(ValueError, match="expected a table of transactions"):
        transformer.transform(numpy.zeros((2, 3)))


def test_table_of_transactions_gives_a_row_for_each_customer(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame(rows)
    transformer = MicrosegTransformer(client).set_output(transform="pandas")
    features = transformer.fit_transform(table)
    assert features.equals(client.score(table)[features.columns])
    assert list(features.index) == ["c-0", "c-1", "c-2"]


def test_customers_keep_their_order_and_their_labels(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame(rows)
    customers = pandas.DataFrame(
        {"age": [30, 40, 50, 60], "customer_id": ["c-2", "c-0", "c-1", "c-0"]}, index=[9, 8, 7, 6]
    )
    transformer = MicrosegTransformer(client, transactions=table).set_output(transform="pandas")
    features = transformer.fit_transform(customers)
    assert list(features.index) == [9, 8, 7, 6]
    expected = client.score(table).loc[customers["customer_id"], features.columns]
    assert (features.to_numpy() == expected.to_numpy()).all()
    assert (transformer.transform(["c-1"]).to_numpy() == features.loc[[7]].to_numpy()).all()
    with pytest.raises(ValueError, match="1 customers have no transactions, at first in row 1"):
        transformer.transform(["c-1", "c-9"])


def test_pipeline_with_other_features_is_cross_validated(client: Client, rows: Rows) -> None:
    table = pandas.DataFrame([{**row, "customer_id": f"c-{place % 8}"} for place, row in enumerate(rows)])
    customers = pandas.DataFrame({"customer_id": [f"c-{place}" for place in range(8)], "age": range(8)})
    spending = MicrosegTransformer(client, transactions=table)
    columns = ColumnTransformer([("spending", spending, ["customer_id"]), ("age", "passthrough", ["age"])])
    pipeline = make_pipeline(columns, LogisticRegression())
    scores = cross_val_score(pipeline, customers, [0, 1] * 4, cv=2, error_score="raise")
    assert scores.shape == (2,)
    names = pipeline.fit(customers, [0, 1] * 4)[0].get_feature_names_out()
    assert names[0] == "spending__state.0"
    assert clone(pipeline).fit(customers, [0, 1] * 4).predict(customers).shape == (8,)


def test_fitted_transformer_survives_a_pickle(server: Server, history: dict[str, Any]) -> None:
    transformer = MicrosegTransformer(Client(server.url)).fit([history])
    again = pickle.loads(pickle.dumps(transformer))
    assert (again.transform([history]) == transformer.transform([history])).all()


def test_another_model_than_at_fit_is_refused(client: Client, history: dict[str, Any]) -> None:
    transformer = MicrosegTransformer(client).fit([history])
    transformer.model_["sha256"] = "0" * 64
    with pytest.raises(ValueError, match="another model than at fit"):
        transformer.transform([history])
