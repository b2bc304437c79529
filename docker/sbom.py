#!/usr/bin/env python3
"""Writes what an image is made of, as CycloneDX JSON: the crates in the program, libtorch, the base's Debian packages.

Needs Python 3.11 and cargo. Only what is linked into the program counts as a crate: neither what builds it nor what
tests it. The same sources and bases give the same bytes, but for `timestamp`, which SOURCE_DATE_EPOCH settles.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "libtorch"))

import fetch  # noqa: E402
from crates import linked  # noqa: E402

Component = dict[str, Any]
# What wheels come out of and crates are bound to.
LIBTORCH = f"libtorch@{fetch.VERSION}"


def component(kind: str, name: str, version: str, address: str, **more: Any) -> Component:
    return {"type": kind, "bom-ref": address, "name": name, "version": version, "purl": address, **more}


def sha256(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest}]


# Crates


def crates() -> tuple[Component, list[Component], dict[str, list[str]]]:
    """The program, the crates in it, and which links which."""
    root, packages, links = linked()
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in lock["package"]}

    def described(key: str) -> Component:
        package = packages[key]
        name, version = package["name"], package["version"]
        more: dict[str, Any] = {}
        if checksum := checksums.get((name, version)):
            more["hashes"] = sha256(checksum)
        if package["license"]:
            # Old crates write MIT/Apache-2.0 for a choice.
            more["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        kind = "application" if key == root else "library"
        return component(kind, name, version, f"pkg:cargo/{name}@{version}", **more)

    found = {key: described(key) for key in links}
    references = {key: item["bom-ref"] for key, item in found.items()}
    graph = {references[key]: sorted(references[other] for other in others) for key, others in links.items()}
    return found.pop(root), list(found.values()), graph


# libtorch


def wheels() -> Iterator[Component]:
    for wheel in fetch.WHEELS:
        version = wheel.name.split("-")[1]
        yield component(
            "library", wheel.project, version, f"pkg:pypi/{wheel.project}@{version}", hashes=sha256(wheel.sha256)
        )


# Debian


def fields(paragraph: str) -> dict[str, str]:
    """One package's fields; lines that begin with a space continue the one before and are left out."""
    lines = (line.partition(":") for line in paragraph.splitlines() if not line.startswith((" ", "\t")))
    return {name: value.strip() for name, _, value in lines}


def debian_packages(base: Path) -> Iterator[Component]:
    """The packages of a Debian image, whichever way it lists them; nothing for an image of another kind."""
    folder = base / "var/lib/dpkg"
    # Images without a package manager keep a file for each package.
    files = [folder / "status", *sorted(folder.glob("status.d/*"))]
    release = base / "usr/lib/os-release"
    system = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
    distribution = f"{system['ID']}-{system.get('VERSION_ID', '')}".replace('"', "")
    for file in files:
        if not file.is_file() or file.suffix == ".md5sums":
            continue
        for paragraph in file.read_text(errors="replace").split("\n\n"):
            package = fields(paragraph)
            if "Package" not in package or not package.get("Status", "installed").endswith("installed"):
                continue
            name, version, architecture = package["Package"], package["Version"], package["Architecture"]
            address = f"pkg:deb/debian/{name}@{quote(version, safe='')}?arch={architecture}&distro={distribution}"
            yield component("library", name, version, address)


def document(base: Path) -> dict[str, Any]:
    program, components, graph = crates()
    pieces = list(wheels())
    libtorch = {
        "type": "library",
        "bom-ref": LIBTORCH,
        "name": "libtorch",
        "version": fetch.VERSION,
        "description": "The parts that a processor needs, out of these wheels",
        "components": pieces,
    }
    components += [libtorch, *debian_packages(base)]
    components.sort(key=lambda item: item["bom-ref"])
    graph[program["bom-ref"]].append(LIBTORCH)
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp())
    timestamp = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    # The same content has the same number.
    content = json.dumps([program, components], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"timestamp": timestamp, "component": program},
        "components": components,
        "dependencies": [{"ref": key, "dependsOn": others} for key, others in sorted(graph.items())],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="the runtime image's files, as far as they list packages")
    json.dump(document(parser.parse_args().base), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
