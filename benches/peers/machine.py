"""What a measurement was made on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def processor() -> str:
    """The processor's name, as Linux tells it."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def machine() -> str:
    """The processor and its cores."""
    return f"{processor()}, {os.cpu_count()} cores, {system()}"


def system() -> str:
    """The system's name: a distribution's where it gives one."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def load() -> float:
    """How many processes the machine has been busy with in the last minute: best one, this run's."""
    return os.getloadavg()[0]


def versions(microseg: str, packages: tuple[str, ...]) -> dict[str, str]:
    """Of everything that was compared; `microseg` is what the program says of itself."""
    return {
        "microseg": microseg.split()[-1],
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
    }
