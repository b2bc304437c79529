"""The files for KServe against the classes of KServe's client, which are generated from its custom resources."""

from __future__ import annotations

import re
import unittest
from collections.abc import Iterator
from typing import Any

import kserve
import kubernetes.client
import yaml

from server import ROOT

FILES = ROOT / "docker/kubernetes/kserve"
SCALARS = {"str": str, "bool": bool, "int": int, "object": object}


def faults(value: Any, kind: str, path: str) -> Iterator[str]:
    """Fields that the class named `kind` does not have, and values of another type than its fields'."""
    if inside := re.fullmatch(r"[Ll]ist\[(.*)\]", kind):
        for index, one in enumerate(value):
            yield from faults(one, inside[1], f"{path}[{index}]")
    elif inside := re.fullmatch(r"[Dd]ict[(\[]\w+, (.*)[)\]]", kind):
        for name, one in value.items():
            yield from faults(one, inside[1], f"{path}.{name}")
    elif scalar := SCALARS.get(kind):
        if not isinstance(value, scalar):
            yield f"{path} is no {kind}"
    elif model := getattr(kserve, kind, None) or getattr(kubernetes.client, kind, None):
        names = {name: attribute for attribute, name in model.attribute_map.items()}
        for name, one in value.items():
            if name in names:
                yield from faults(one, model.openapi_types[names[name]], f"{path}.{name}")
            else:
                yield f"{path}.{name} is unknown"
    elif kind not in ("IntOrString", "datetime"):
        yield f"{path}: there is no class {kind}"


class Files(unittest.TestCase):
    def test_files_have_only_fields_of_kserve(self) -> None:
        for file in sorted(FILES.glob("*.yaml")):
            found = yaml.safe_load(file.read_text(encoding="utf-8"))
            version = found["apiVersion"].partition("/")[2].capitalize()
            with self.subTest(file.name):
                self.assertEqual(list(faults(found, f"{version}{found['kind']}", file.stem)), [])
