"""Answers of the service for one customer."""

from __future__ import annotations

from dataclasses import dataclass, field

from microseg.answers.documents import Document, document, text


@dataclass(frozen=True)
class Answer:
    """The answer for one customer, or the problem that the history was refused with."""

    document: Document = field(repr=False)
    """The document as the service gave it; `document["problem"]` where the history was refused."""

    @property
    def customer_id(self) -> str | None:
        """The caller's name for the customer."""
        return text(self.document.get("customer_id"))

    @property
    def problem(self) -> str | None:
        """Why it was refused; only with `errors='keep'`. All else is empty then."""
        return text(document(self.document.get("problem")).get("detail"))
