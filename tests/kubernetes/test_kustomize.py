"""The folders of kustomize, built by kubectl's kustomize."""

from __future__ import annotations

import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

from objects import FILES, Object, faults, kustomize, named, of_kind, pods, variables
from pod_checks import reference_faults, restriction_faults


def with_component(resource: str, component: str) -> list[Object]:
    """The objects of an overlay of one's own, beside the folders."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "kubernetes"
        shutil.copytree(FILES, copy)
        overlay = copy / "mine"
        overlay.mkdir()
        content = {"resources": [f"../{resource}"], "components": [f"../{component}"]}
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return kustomize(overlay)


class Kustomize(unittest.TestCase):
    def test_folders_give_valid_objects(self) -> None:
        folders = {"default": kustomize(FILES), "base": kustomize(FILES / "base"), "shared": kustomize(FILES / "shared")}
        folders |= {f"{name} traced": with_component(name, "traces") for name in ("base", "shared")}
        for name, objects in folders.items():
            with self.subTest(name):
                self.assertEqual([fault for one in objects for fault in faults(one)], [])
                self.assertEqual(reference_faults(objects), [])
                for pod, _, spec in pods(objects):
                    self.assertEqual(restriction_faults(pod, spec), [])

    def test_examples_are_valid(self) -> None:
        for file in FILES.glob("*.example.yaml"):
            for found in yaml.safe_load_all(file.read_text(encoding="utf-8")):
                self.assertEqual(faults(found), [])

    def test_default_names_the_image(self) -> None:
        images = {pod["containers"][0]["image"] for _, _, pod in pods(kustomize(FILES))}
        self.assertEqual(len(images), 1)
        self.assertNotEqual(images, {"microseg"})

    def test_shared_servers_keep_their_records_in_postgres(self) -> None:
        objects = kustomize(FILES / "shared")
        self.assertEqual(of_kind(objects, "StatefulSet"), [])
        [(_, _, pod)] = pods(objects)
        self.assertIsNone(variables(pod)["MICROSEG_STORE"])
        self.assertIn("MICROSEG_STORE_PASSWORD_FILE", variables(pod))

    def test_traces_reach_their_collector(self) -> None:
        for name, database in (("base", set()), ("shared", {5432})):
            with self.subTest(name):
                objects = with_component(name, "traces")
                for _, _, pod in pods(objects):
                    self.assertTrue(variables(pod)["MICROSEG_OTLP_ENDPOINT"].endswith(":4318"))
                egress = named(objects, "NetworkPolicy")["spec"]["egress"]
                self.assertEqual({port["port"] for rule in egress for port in rule["ports"]}, {53, 4318} | database)
