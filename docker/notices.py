#!/usr/bin/env python3
"""Writes the notices of third parties: the licence texts of all crates in the program, equal texts once.

Needs Python 3.11 and cargo, and the sources of the crates in cargo's cache, where a build leaves them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from crates import linked

NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")


def texts(package: Path) -> list[str]:
    """The licence texts in a crate's own folder."""
    files = sorted(path for path in package.iterdir() if path.is_file() and path.name.lower().startswith(NAMES))
    return [path.read_text(errors="replace").strip() for path in files]


def main() -> None:
    found = linked()
    crates: dict[str, list[str]] = defaultdict(list)
    without: list[str] = []
    for package in sorted(found.packages.values(), key=lambda package: (package["name"], package["version"])):
        # The workspace's own crates have the licence of the program.
        if package["source"] is None:
            continue
        name = f"{package['name']} {package['version']} ({package['license'] or 'see its text'})"
        own = texts(Path(package["manifest_path"]).parent)
        if not own:
            without.append(name)
        for text in own:
            crates[text].append(name)
    print("microseg contains the crates below. Each is listed with its licence; where a licence is a choice")
    print("(OR), microseg uses MIT where it is offered, otherwise Apache-2.0, otherwise the other one.")
    for text, names in crates.items():
        print("", "=" * 80, *names, "-" * 80, text, sep="\n")
    if without:
        print("", "=" * 80, "These crates are published without the text of their licence:", *without, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
