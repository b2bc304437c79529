"""The alerts: valid PromQL over metrics, labels and values that the real server exports."""

from __future__ import annotations

import functools
import json
import re
import unittest
from typing import Any

import promql_parser

from cases import MONITORED
from objects import ROOT, Object, named, render
from server import request, running

# Labels that Prometheus gives to everything that it reads through the ServiceMonitor.
OF_PROMETHEUS = {"namespace", "job", "pod"}


def alerts() -> list[Object]:
    rule = named(render(MONITORED), "PrometheusRule")
    return [alert for group in rule["spec"]["groups"] for alert in group["rules"]]


def selectors(node: Any) -> list[Any]:
    """Every selector of metrics in an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        return [node]
    names = ("lhs", "rhs", "expr", "vector_selector", "args", "param")
    inside = [getattr(node, name, None) for name in names]
    flat = [one for part in inside for one in (part if isinstance(part, list) else [part]) if one is not None]
    return [found for one in flat for found in selectors(one)]


@functools.cache
def exported() -> dict[str, set[tuple[str, str]]]:
    """The labels, with their values, of each metric of a server that has scored, explained and refused."""
    history = (ROOT / "examples/history.json").read_bytes()
    with running({}, "--models", "models") as event:
        address = event["address"]
        for model in ("spending-personality", "spending-events"):
            assert request(address, f"/v1/score?model={model}", history)[0] == 200
        assert request(address, "/v1/explain?model=spending-personality", history)[0] == 201
        assert request(address, "/v1/score", b"{}")[0] == 422
        text = request(address, "/metrics")[1]
    found: dict[str, set[tuple[str, str]]] = {}
    for name, labels in re.findall(r"^(microseg_\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="([^"]*)"', labels))
    return found


def documented() -> dict[tuple[str, str], set[str]]:
    """Values that need a fault of the server, or a poor explanation, to be exported."""
    metrics = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    row = next(line for line in metrics.splitlines() if line.startswith("| `microseg_histories_total`"))
    schemas = json.loads((ROOT / "openapi/openapi.json").read_text(encoding="utf-8"))["components"]["schemas"]
    verdicts = schemas["Verdict"]
    names = verdicts.get("enum") or [one["const"] for one in verdicts["oneOf"]]
    return {
        ("microseg_histories_total", "outcome"): set(re.findall(r"`(\w+)`", row)) - {"outcome"},
        ("microseg_explanations_total", "verdict"): set(names),
        ("microseg_explanation_verdicts_total", "verdict"): set(names),
    }


class Alerts(unittest.TestCase):
    def test_alerts_read_only_what_the_server_exports(self) -> None:
        metrics, also = exported(), documented()
        for alert in alerts():
            found = selectors(promql_parser.parse(alert["expr"]))
            with self.subTest(alert["alert"]):
                self.assertTrue(found)
                for selector in found:
                    self.assertIn(selector.name, metrics)
                    labels = {label for label, _ in metrics[selector.name]} | OF_PROMETHEUS
                    for matcher in selector.matchers.matchers:
                        self.assertIn(matcher.name, labels)
                        if matcher.name in ("stage", "route", "outcome", "verdict") and "/health" not in matcher.value:
                            seen = {value for label, value in metrics[selector.name] if label == matcher.name}
                            seen |= also.get((selector.name, matcher.name), set())
                            self.assertLessEqual(set(matcher.value.split("|")), seen)

    def test_groups_and_texts_use_labels_of_the_metrics(self) -> None:
        metrics = exported()
        for alert in alerts():
            expression = alert["expr"]
            with self.subTest(alert["alert"]):
                labels = {label for one in selectors(promql_parser.parse(expression)) for label, _ in metrics[one.name]}
                groups = {name for list_ in re.findall(r"(?:by|on) \(([^)]*)\)", expression) for name in list_.split(", ")}
                self.assertLessEqual(groups, labels | OF_PROMETHEUS)
                # What an aggregation drops is not there for the text.
                texts = " ".join(alert["annotations"].values())
                self.assertLessEqual(set(re.findall(r"\$labels\.(\w+)", texts)), groups)

    def test_probes_are_not_counted_as_answers(self) -> None:
        for alert in alerts():
            for selector in selectors(promql_parser.parse(alert["expr"])):
                if selector.name == "microseg_requests_total":
                    ignored = [one.value for one in selector.matchers.matchers if one.name == "route"]
                    self.assertEqual(ignored, ["/health/.*|/metrics"])

    def test_verdicts_lag_drift_and_errors_have_alerts(self) -> None:
        read = {one.name for alert in alerts() for one in selectors(promql_parser.parse(alert["expr"]))}
        needed = {
            "microseg_explanations_total", "microseg_explanation_verdicts_total", "microseg_validated_ok_share", "microseg_stage_duration_seconds_bucket", "microseg_requests_total",
            "microseg_population_stability_index", "microseg_input_stability_index", "microseg_histories_total",
        }  # fmt: skip
        self.assertLessEqual(needed, read)
