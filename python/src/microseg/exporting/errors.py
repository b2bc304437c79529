"""The error of a network that cannot be exported."""

from __future__ import annotations


class ExportError(ValueError):
    """The network cannot be exported, or the service would refuse it."""
