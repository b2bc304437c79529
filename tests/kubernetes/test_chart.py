"""The chart: values, objects, and the settings of its pods at the real server."""

from __future__ import annotations

import copy
import json
import re
import tomllib
import unittest
from typing import Any

import helm_python
import yaml

from cases import CHANGES, INGRESS, OWN_PORT, POSTGRES, REFUSED, SETS, TLS, TRACED, Values
from objects import CHART, FILES, ROOT, faults, lint, named, of_kind, pods, render, selects, variables
from pod_checks import backend, paths_of_scopes, reference_faults, restriction_faults
from server import memory_ceiling

VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

# Settings that the chart derives from other values.
DERIVED = {
    "addr", "metrics_addr", "allow_open_metrics", "api_keys_file", "allow_no_keys", "allow_no_tls", "otlp_endpoint",
    "state_token_keys_file", "tls_certificate", "tls_key", "models", "store", "store_password_file", "instance",
}  # fmt: skip


def leaves(values: Values, path: str = "") -> dict[str, Any]:
    """Each value with its path; resources count as one."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        here = f"{path}{name}"
        if isinstance(value, dict) and value and name != "resources":
            found |= leaves(value, f"{here}.")
        else:
            found[here] = value
    return found


def with_value(values: Values, path: str, value: Any) -> Values:
    """A copy in which the value of the path is another one."""
    changed = copy.deepcopy(values)
    *parents, last = path.split(".")
    inside = changed
    for parent in parents:
        inside = inside.setdefault(parent, {})
    inside[last] = value
    return changed


class Rendering(unittest.TestCase):
    """What the chart makes of values."""

    def test_sets_of_values_pass_the_linter(self) -> None:
        for name, values in SETS.items():
            with self.subTest(name):
                self.assertEqual(lint(values), [])

    def test_sets_of_values_give_valid_objects(self) -> None:
        for name, values in SETS.items():
            with self.subTest(name):
                objects = render(values)
                self.assertEqual([fault for one in objects for fault in faults(one)], [])
                self.assertEqual(reference_faults(objects), [])

    def test_each_value_changes_the_objects_and_leaves_them_valid(self) -> None:
        self.assertEqual(sorted(CHANGES), sorted(leaves(VALUES)))
        for path, (value, needed) in CHANGES.items():
            with self.subTest(path):
                changed = render(with_value(needed, path, value))
                try:
                    before = render(needed)
                except helm_python.HelmError:
                    # Two values that need each other: alone, one of them is refused.
                    before = []
                self.assertNotEqual(changed, before)
                self.assertEqual([fault for one in changed for fault in faults(one)], [])

    def test_long_names_stay_short_enough(self) -> None:
        for found in render(SETS["everything"], release="a" * 53):
            self.assertLessEqual(len(found["metadata"]["name"]), 52)
            for label in found["metadata"]["labels"].values():
                self.assertLessEqual(len(label), 63)


class Schema(unittest.TestCase):
    """values.schema.json."""

    def test_wrong_values_are_refused_with_a_message(self) -> None:
        for values, message in REFUSED:
            with self.subTest(values=values), self.assertRaisesRegex(helm_python.HelmError, re.escape(message)):
                render(values)

    def test_unknown_values_are_refused_everywhere(self) -> None:
        objects = {path.rpartition(".")[0] for path in leaves(VALUES)}
        self.assertIn("metrics.prometheusRule.thresholds", objects)
        for path in objects:
            with self.subTest(path), self.assertRaisesRegex(helm_python.HelmError, "unheard"):
                render(with_value({}, f"{path}.unheard".lstrip("."), 1))

    def test_settings_are_those_of_the_program(self) -> None:
        text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
        rows = set(re.findall(r"^\| `(\w+)` \| `--", text, re.MULTILINE))
        self.assertEqual(set(SCHEMA["definitions"]["settings"]["properties"]), rows - DERIVED)
        self.assertLessEqual(DERIVED, rows)

    def test_versions_are_those_of_the_program(self) -> None:
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
        self.assertEqual(chart["appVersion"], manifest["workspace"]["package"]["version"])


class Pods(unittest.TestCase):
    """The pods and what surrounds them."""

    def test_pods_are_restricted(self) -> None:
        for name, values in SETS.items():
            for pod, _, spec in pods(render(values)):
                with self.subTest(name, pod=pod):
                    self.assertEqual(restriction_faults(pod, spec), [])

    def test_pods_without_tls_say_so_and_others_do_not(self) -> None:
        plain = named(render({}), "Deployment")["spec"]["template"]["spec"]
        self.assertEqual(variables(plain)["MICROSEG_ALLOW_NO_TLS"], "true")
        encrypted = named(render(TLS), "Deployment")["spec"]["template"]["spec"]
        self.assertNotIn("MICROSEG_ALLOW_NO_TLS", variables(encrypted))
        probes = [encrypted["containers"][0][f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")]
        self.assertEqual([probe["httpGet"]["scheme"] for probe in probes], ["HTTPS"] * 3)

    def test_servers_are_given_longer_than_their_grace_period(self) -> None:
        values = {"settings": {"drain_delay": 7, "grace_period": 100}}
        for _, _, pod in (one for one in pods(render(values)) if not one[0].endswith("-health")):
            self.assertEqual(pod["terminationGracePeriodSeconds"], 117)

    def test_keys_of_the_chart_replace_pods_when_they_change(self) -> None:
        def checksum(entry: str) -> str:
            deployment = named(render({"keys": {"entries": [entry]}}), "Deployment")
            return deployment["spec"]["template"]["metadata"]["annotations"]["checksum/secrets"]

        self.assertNotEqual(checksum("crm:score:" + "0" * 64), checksum("crm:score:" + "1" * 64))

    def test_limits_of_memory_are_what_the_server_takes(self) -> None:
        settings = [{}, {"max_body_bytes": 1_000_000, "explanation_queue": 7, "trial_memory_bytes": 0, "threads": 3}]
        for own in settings:
            values = {"scoring": {"settings": own}}
            pod = named(render(values), "Deployment")["spec"]["template"]["spec"]
            ceiling = memory_ceiling(variables(pod), processors=2)
            with self.subTest(own):
                render(with_value(values, "scoring.resources.limits.memory", str(ceiling)))
                with self.assertRaisesRegex(helm_python.HelmError, "is less than"):
                    render(with_value(values, "scoring.resources.limits.memory", str(ceiling - 1)))


    def test_quantities_are_read_as_kubernetes_reads_them(self) -> None:
        for cpu, memory in (("2", "2560Mi"), (2, "2.5Gi"), ("2500m", "2700M"), ("2.9", "2684354560"), (0.5, "2.3G")):
            with self.subTest(cpu=cpu, memory=memory):
                render({"scoring": {"resources": {"limits": {"cpu": cpu, "memory": memory}}}})
        for cpu, memory in (("2", "2500M"), (2, "2.3Gi"), ("3000m", "2560Mi"), ("3.5", "2.5Gi"), ("2", "2560Ki")):
            with self.subTest(cpu=cpu, memory=memory), self.assertRaisesRegex(helm_python.HelmError, "is less than"):
                render({"scoring": {"resources": {"limits": {"cpu": cpu, "memory": memory}}}})


class Network(unittest.TestCase):
    """Policies, services and monitors."""

    @staticmethod
    def ports_out(values: Values) -> set[int]:
        egress = named(render(values), "NetworkPolicy")["spec"]["egress"]
        return {port["port"] for rule in egress for port in rule["ports"]}

    def test_servers_open_only_the_connections_that_they_need(self) -> None:
        self.assertEqual(self.ports_out({}), set())
        self.assertEqual(self.ports_out(TRACED), {53, 4318})
        self.assertEqual(self.ports_out({"tracing": {"endpoint": "https://collector.example.com/otlp"}}), {53, 443})
        self.assertEqual(self.ports_out({"tracing": {"endpoint": "http://[fd00::1]:4319"}}), {53, 4319})
        self.assertEqual(self.ports_out(POSTGRES), {53, 5432})
        self.assertEqual(self.ports_out(POSTGRES | TRACED), {53, 4318, 5432})

    def test_the_policy_holds_for_the_servers_and_not_for_the_test(self) -> None:
        objects = render({})
        selector = named(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
        held = {name for name, metadata, _ in pods(objects) if selects(selector, metadata["labels"])}
        self.assertEqual(held, {"trial-microseg-scoring", "trial-microseg-records"})

    def test_open_metrics_are_for_their_readers_alone(self) -> None:
        rules = named(render(OWN_PORT), "NetworkPolicy")["spec"]["ingress"]
        self.assertEqual([[port["port"] for port in rule["ports"]] for rule in rules], [["http"], ["metrics"]])
        self.assertEqual(rules[1]["from"], VALUES["networkPolicy"]["metricsFrom"])

    def test_ingress_sends_what_is_kept_to_the_server_that_keeps_it(self) -> None:
        example = yaml.safe_load((FILES / "ingress.example.yaml").read_text(encoding="utf-8"))
        for ingress in (named(render(INGRESS), "Ingress"), example):
            for path in paths_of_scopes("explain", "read", "write"):
                self.assertRegex(backend(ingress, path), "-records$", path)
            for path in paths_of_scopes("score"):
                self.assertRegex(backend(ingress, path), "-scoring$", path)

    def test_each_pod_is_monitored_once(self) -> None:
        for name, values in SETS.items():
            objects = render(values)
            for monitor in of_kind(objects, "ServiceMonitor"):
                with self.subTest(name):
                    kinds = monitor["spec"]["selector"]["matchExpressions"][0]["values"]
                    read = [
                        service
                        for service in of_kind(objects, "Service")
                        if service["metadata"]["labels"]["app.kubernetes.io/component"] in kinds
                    ]
                    read_pods = [
                        pod
                        for service in read
                        for pod, metadata, _ in pods(objects)
                        if selects(service["spec"]["selector"], metadata["labels"])
                    ]
                    servers = {pod for pod, _, _ in pods(objects) if not pod.endswith("-health")}
                    self.assertEqual(sorted(read_pods), sorted(servers))
                    port = monitor["spec"]["endpoints"][0]["port"]
                    self.assertTrue(all(port in {one["name"] for one in service["spec"]["ports"]} for service in read))


class KServe(unittest.TestCase):
    """The ServingRuntime."""

    def test_runtime_is_that_of_the_files(self) -> None:
        ours = named(render({"kserve": {"enabled": True}}), "ServingRuntime")["spec"]
        files = yaml.safe_load((FILES / "kserve/servingruntime.yaml").read_text(encoding="utf-8"))["spec"]
        chosen = variables(ours)
        self.assertLessEqual(variables(files).items(), chosen.items())
        self.assertTrue(chosen.keys() - variables(files) <= {f"MICROSEG_{name.upper()}" for name in VALUES["settings"]})
        for spec in (ours, files):
            del spec["containers"][0]["env"]
        del ours["containers"][0]["imagePullPolicy"]
        self.assertEqual(ours, files)
