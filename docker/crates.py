"""The crates that are linked into the program, out of `cargo metadata`. Needs cargo, and the crates in its cache."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Linked(NamedTuple):
    """The program's package, all packages in it by id, and which links which."""

    root: str
    packages: dict[str, dict[str, Any]]
    links: dict[str, list[str]]


def cargo_metadata() -> dict[str, Any]:
    host = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    host = next(line.removeprefix("host: ") for line in host.splitlines() if line.startswith("host: "))
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def links_of(node: dict[str, Any]) -> list[str]:
    """The crates that a crate links: a dependency that is only for building or testing has another kind."""
    return [
        dependency["pkg"]
        for dependency in node["deps"]
        if any(kind["kind"] is None for kind in dependency["dep_kinds"])
    ]


def linked() -> Linked:
    metadata = cargo_metadata()
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    procedural = {
        key for key, package in packages.items() if any("proc-macro" in target["kind"] for target in package["targets"])
    }
    root = metadata["resolve"]["root"]
    links: dict[str, list[str]] = {}
    waiting = [root]
    while waiting:
        key = waiting.pop()
        if key not in links:
            # A macro writes code at build time: it is not in the program.
            links[key] = [other for other in links_of(nodes[key]) if other not in procedural]
            waiting.extend(links[key])
    return Linked(root, {key: packages[key] for key in links}, links)
