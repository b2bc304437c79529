"""The error of a description that the service would refuse."""

from __future__ import annotations


class DescriptionError(ValueError):
    """A description of a network contradicts itself, or has a value out of its range."""
