"""Explanations, and what shap, matplotlib and notebooks show of them."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot
import numpy
import pandas
import pytest
import shap

from microseg import Client, HistoriesRefused, ServiceProblem

matplotlib.use("agg")


def test_table_is_explained_in_its_order(client: Client, rows: list[dict[str, Any]]) -> None:
    found = client.explain(pandas.DataFrame(rows), target="openness", top=3)
    assert [each.customer_id for each in found] == ["c-0", "c-1", "c-2"]
    target = found.of("c-1").target("openness")
    parts = [each.contribution for each in target.contributions]
    assert len(parts) == 3 + 2
    assert target.intercept + sum(parts) == pytest.approx(target.value)
    assert {row["target"] for row in found[0].rows()} == {"openness"}
    assert found[0].reasons and "<table>" in found._repr_html_() and "openness" in found[0]._repr_html_()
    with pytest.raises(KeyError, match="no target 'x': one of openness"):
        found[0].target("x")


def test_refused_customer_has_its_row(client: Client, rows: list[dict[str, Any]]) -> None:
    table = pandas.DataFrame(rows)
    table.loc[14, "timestamp"] = "2300-01-01"
    with pytest.raises(HistoriesRefused, match=r"1 row \(14\)"):
        client.explain(table, target="openness")
    kept = client.explain(table, target="openness", errors="keep")
    assert [each.problem is None for each in kept] == [True, True, False]
    assert "refused" in kept._repr_html_() and "refused" in kept[2]._repr_html_()


def test_wrong_option_is_an_error_of_the_call(client: Client, history: dict[str, Any]) -> None:
    with pytest.raises(ServiceProblem, match="422") as refused:
        list(client.explain([history] * 9, samples=1))
    assert refused.value.pointer.startswith("/explain")


def test_shap_draws_one_customer_and_many(client: Client, rows: list[dict[str, Any]]) -> None:
    found = client.explain(pandas.DataFrame(rows), target="openness", method="kernel-shap", top=1000)
    one = found[0].to_shap()
    assert float(one.base_values) + one.values.sum() == pytest.approx(found[0].target().value)
    shap.plots.waterfall(one, show=False)
    many = found.to_shap("openness")
    assert many.values.shape == (3, len(many.feature_names))
    assert many.base_values + many.values.sum(axis=1) == pytest.approx([each.target().value for each in found])
    shap.plots.beeswarm(many, show=False)
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("level", ["class", "period", "cell"])
def test_contributions_are_drawn(client: Client, history: dict[str, Any], level: Any) -> None:
    (explanation,) = client.explain([history], level=level, target="segment", top=4)
    axes = explanation.plot()
    titles = [each.get_text() for each in axes.get_yticklabels()]
    assert titles == [each.title for each in explanation.target().contributions]
    assert all(titles)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(
        [each.contribution for each in explanation.target().contributions]
    )
    own = explanation.plot(ax=matplotlib.pyplot.figure().subplots())
    assert numpy.isfinite(own.get_xlim()).all()
    matplotlib.pyplot.close("all")
