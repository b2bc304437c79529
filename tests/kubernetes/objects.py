"""Objects of the chart and of kustomize: how they are made, checked against their schemas, and looked into."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator import v1 as operator

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "docker/helm"
FILES = ROOT / "docker/kubernetes"

# The oldest version that the files support, and the newest whose schemas are known.
VERSIONS = ["1.29", "1.37"]

Object = dict[str, Any]

_chart = helm_python.Chart.load(CHART)

# It would read the file of a version's schemas, of megabytes, twice for each object.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


def render(values: Object, *, release: str = "trial", namespace: str = "bank") -> list[Object]:
    """The objects of the chart with these values, as `helm template` makes them."""
    rendered = _chart.render(values, name=release, namespace=namespace)
    texts = (text for name, text in rendered.items() if not name.endswith("NOTES.txt"))
    return [found for text in texts for found in json.loads(_parsed(text))]


@functools.cache
def _parsed(text: str) -> str:
    """The objects of a file as JSON: most files are the same for most values, and YAML is slow to read."""
    return json.dumps([found for found in yaml.load_all(text, yaml.CSafeLoader) if found is not None])


def lint(values: Object) -> list[str]:
    """What `helm lint --strict` finds, without mere recommendations."""
    report = helm_python.lint(CHART, values, strict=True)
    found = [message["error"] for message in report["messages"] if message["severity"] > 1]
    return found + report["errors"]


def kustomize(folder: Path) -> list[Object]:
    """The objects of a folder, as `kubectl apply -k` makes them."""
    command = [Path(sys.executable).parent / "kubectl", "kustomize", folder]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        raise ValueError(built.stderr)
    return list(yaml.safe_load_all(built.stdout))


def faults(found: Object) -> list[str]:
    """What does not match the schema of the object's kind."""
    return _faults(json.dumps(found, sort_keys=True))


@functools.cache
def _faults(text: str) -> list[str]:
    """The same for the object's text: most objects are the same for most values."""
    found = json.loads(text)
    name = f"{found['kind']} {found['metadata']['name']}"
    match found["apiVersion"].split("/"):
        case ["monitoring.coreos.com", _]:
            return [f"{name}: {fault}" for fault in _operator_faults(found)]
        case ["serving.kserve.io", _]:
            # KServe's own classes check the files in tests/clients, and test_chart.py compares the chart with them.
            return []
    return [f"{name}: {fault}" for version in VERSIONS for fault in _kubernetes_faults(found, version)]


def _kubernetes_faults(found: Object, version: str) -> Iterator[str]:
    try:
        kubernetes_validate.validate(found, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{error.message} at {'.'.join(map(str, error.path))}"


def _operator_faults(found: Object) -> Iterator[str]:
    try:
        read = getattr(operator, found["kind"]).model_validate(found)
    except ValueError as error:
        yield str(error)
        return
    # The classes ignore what they do not know.
    known = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if known != found:
        yield f"fields that the operator does not know: {found}"


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [found for found in objects if found["kind"] == kind]


def named(objects: list[Object], kind: str, ending: str = "") -> Object:
    """The one object of a kind whose name ends so."""
    [found] = [one for one in of_kind(objects, kind) if one["metadata"]["name"].endswith(ending)]
    return found


def pods(objects: list[Object]) -> Iterator[tuple[str, Object, Object]]:
    """The name, the metadata and the specification of each pod."""
    for found in objects:
        name = found["metadata"]["name"]
        if found["kind"] in ("Deployment", "StatefulSet"):
            template = found["spec"]["template"]
            yield name, template["metadata"], template["spec"]
        elif found["kind"] == "Pod":
            yield name, found["metadata"], found["spec"]


def variables(pod: Object) -> dict[str, str | None]:
    """The variables of a pod's container; one from a secret has no value."""
    listed = pod["containers"][0]["env"]
    assert len({one["name"] for one in listed}) == len(listed), "a variable is set twice"
    return {one["name"]: one.get("value") for one in listed}


def selects(selector: Object, labels: Object) -> bool:
    return selector.items() <= labels.items()
