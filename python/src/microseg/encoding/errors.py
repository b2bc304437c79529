"""The error of a history that the service would refuse."""

from __future__ import annotations


class HistoryError(ValueError):
    """A history cannot be encoded; the message begins with a pointer to the place, and repeats no value."""
