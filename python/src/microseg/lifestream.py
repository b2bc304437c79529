"""Vocabularies of pytorch-lifestream's preprocessing, as codes of a description. It needs no pytorch-lifestream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from microseg.description.categories import Codes
from microseg.description.errors import DescriptionError

# What pandas writes for no value when it makes texts of a column, as FrequencyEncoder does.
_WRITTEN_MISSING = ("nan", "None", "<NA>", "NaT")


def codes_of(encoder: Any) -> Codes:
    """The codes of a fitted `FrequencyEncoder`.

    A value that it did not see gets its code of other values. A missing value is a value of its own if the training
    data had one, and else one that it did not see. Code 0 is padding.

    Raises `DescriptionError` when the encoder has no codes.
    """
    mapping = getattr(encoder, "mapping", None)
    other = getattr(encoder, "other_values_code", None)
    if not isinstance(mapping, Mapping) or other is None:
        raise DescriptionError("expected a fitted FrequencyEncoder of pytorch-lifestream")
    codes: dict[str, int] = {str(value): int(code) for value, code in mapping.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    missing = [codes.pop(text) for text in _WRITTEN_MISSING if text in codes]
    if len(missing) > 1:
        raise DescriptionError("the encoder has several codes for a missing value")
    return Codes(codes, unknown=int(other), missing=missing[0] if missing else int(other))


def codes_of_preprocessor(preprocessor: Any) -> dict[str, Codes]:
    """The codes of every category of a fitted `PandasDataPreprocessor`, by the name of its column.

    Raises `DescriptionError` when a category was not encoded by a `FrequencyEncoder`.
    """
    encoders: Iterable[Any] = getattr(preprocessor, "cts_category", None) or ()
    return {str(encoder.col_name_target or encoder.col_name_original): codes_of(encoder) for encoder in encoders}
