"""Categories that a network reads at each event, as codes of its embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from microseg.description.errors import DescriptionError
from microseg.mcc import mcc_text

Stand = int | Literal["error"]
"""What stands for a value without a code: a code, or `error`, and then the service refuses the history."""

KINDS = ("class", "mcc", "sign", "field")
SIGNS = ("out", "in", "zero")


@dataclass(frozen=True)
class Codes:
    """The codes of a category's values, as the network was trained with them."""

    vocabulary: Mapping[str, int]
    """The code of each value, at least 0."""
    unknown: Stand = "error"
    """What stands for a value that the vocabulary lacks."""
    missing: Stand = "error"
    """What stands for no value."""
    padding: int = 0
    """The code that filled up sequences in training; no value has it."""

    def __post_init__(self) -> None:
        if not self.vocabulary:
            raise DescriptionError("categories: the vocabulary is empty")
        for code in self.all():
            if isinstance(code, bool) or code < 0:
                raise DescriptionError("categories: codes are whole numbers of at least 0")
        for stand in (self.unknown, self.missing):
            if isinstance(stand, str) and stand != "error":
                raise DescriptionError("categories: unknown and missing are a code or error")

    def all(self) -> list[int]:
        """Every code that the network can be given, ascending."""
        stands = [code for code in (self.unknown, self.missing) if not isinstance(code, str)]
        return sorted({*self.vocabulary.values(), *stands, self.padding})


@dataclass(frozen=True)
class Category:
    """One category of an event."""

    of: Literal["class", "mcc", "sign", "field"]
    codes: Codes
    field_name: str | None = field(default=None)
    """The field of transactions, where `of` is `field`."""

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise DescriptionError(f"categories: expected one of {', '.join(KINDS)}")
        if (self.field_name is not None) != (self.of == "field"):
            raise DescriptionError("categories: a field's name belongs to the category of a field, and to no other")
        if self.of == "sign" and set(self.codes.vocabulary) != set(SIGNS):
            raise DescriptionError(f"categories: sign has the values {', '.join(SIGNS)}")

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        document: dict[str, object] = {"of": self.of}
        if self.field_name is not None:
            document["field"] = self.field_name
        return document | {
            "vocabulary": dict(self.codes.vocabulary),
            "padding": self.codes.padding,
            "unknown": self.codes.unknown,
            "missing": self.codes.missing,
        }


def _codes(vocabulary: Mapping[str, int] | Codes, unknown: Stand, missing: Stand, padding: int) -> Codes:
    return vocabulary if isinstance(vocabulary, Codes) else Codes(dict(vocabulary), unknown, missing, padding)


def spending_class(
    vocabulary: Mapping[str, int] | Codes, *, unknown: Stand = "error", missing: Stand = "error", padding: int = 0
) -> Category:
    """The class that the taxonomy gives to an event's class or MCC.

    An event whose name or MCC is in no class is unknown; one without both is missing.
    """
    return Category("class", _codes(vocabulary, unknown, missing, padding))


def mcc(
    vocabulary: Mapping[str, int] | Mapping[int, int] | Codes,
    *,
    unknown: Stand = "error",
    missing: Stand = "error",
    padding: int = 0,
) -> Category:
    """The merchant category code of an event.

    The vocabulary's codes may be numbers or texts, and lack their leading zeros: `742`, `"742"`, `"742.0"` are `0742`.
    """
    if isinstance(vocabulary, Codes):
        unknown, missing, padding = vocabulary.unknown, vocabulary.missing, vocabulary.padding
        vocabulary = vocabulary.vocabulary
    texts: dict[str, int] = {}
    for written, code in vocabulary.items():
        text = mcc_text(written)
        if text is None:
            raise DescriptionError("categories: mcc: expected merchant category codes of up to four digits")
        if text in texts:
            raise DescriptionError(f"categories: mcc: {text} is in the vocabulary twice")
        texts[text] = code
    return Category("mcc", Codes(texts, unknown, missing, padding))


def sign(*, out: int = 1, in_: int = 2, zero: int = 3, padding: int = 0) -> Category:
    """Whether money goes out, comes in, or the amount is zero."""
    return Category("sign", Codes({"out": out, "in": in_, "zero": zero}, padding, padding, padding))


def category_of_field(
    name: str,
    vocabulary: Mapping[str, int] | Codes,
    *,
    unknown: Stand = "error",
    missing: Stand = "error",
    padding: int = 0,
) -> Category:
    """The value that an event has in a category field."""
    return Category("field", _codes(vocabulary, unknown, missing, padding), name)
