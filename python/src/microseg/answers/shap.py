"""Explanations in the form of the package shap."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from microseg.answers.explanation import Target


def one(target: Target) -> Any:
    """One customer: `[parts]`."""
    numpy, shap = _libraries()
    found = target.contributions
    return shap.Explanation(
        values=numpy.array([each.contribution for each in found]),
        base_values=target.intercept,
        # Plots write it before the name: the share of the spending, in per cent.
        data=numpy.array(["" if each.share is None else f"{each.share:.1%}" for each in found], dtype=object),
        feature_names=[each.title for each in found],
    )


def many(targets: Sequence[Target]) -> Any:
    """Many customers: `[customers, parts]`, with all parts that any of them has."""
    numpy, shap = _libraries()
    titles: dict[str, str] = {}
    for target in targets:
        for each in target.contributions:
            titles.setdefault(each.part, "all others" if each.part == "other" else each.title)
    places = {part: place for place, part in enumerate(titles)}
    values, shares = numpy.zeros((len(targets), len(places))), numpy.zeros((len(targets), len(places)))
    for row, target in enumerate(targets):
        for each in target.contributions:
            values[row, places[each.part]] = each.contribution
            shares[row, places[each.part]] = each.share or 0.0
    return shap.Explanation(
        values=values,
        base_values=numpy.array([target.intercept for target in targets]),
        data=shares,
        feature_names=list(titles.values()),
    )


def _libraries() -> tuple[Any, Any]:
    try:
        return import_module("numpy"), import_module("shap")
    except ImportError as error:
        raise ImportError("to_shap needs the package shap: pip install 'microseg[shap]'") from error
