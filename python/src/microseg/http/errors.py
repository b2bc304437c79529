"""Errors of requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


class MicrosegError(Exception):
    """Base of all errors of the client."""


class ConnectionFailed(MicrosegError):
    """The service cannot be reached, or a connection ended early; retries did not help."""


class ServiceProblem(MicrosegError):
    """The service refused a request with a problem document (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, object], request_id: str | None = None) -> None:
        self.status = status
        """The HTTP status."""
        self.document = document
        self.type = str(document.get("type", "about:blank"))
        """The kind, such as `urn:microseg:problem:unauthorized`; it does not change between versions."""
        self.detail = str(document.get("detail", document.get("title", "")))
        self.request_id = request_id
        """The service's log has its lines under this id."""
        named = "" if request_id is None else f" (x-request-id: {request_id})"
        super().__init__(f"{status} {self.type.rsplit(':', 1)[-1]}: {self.detail}{named}")

    def __reduce__(self) -> tuple[type[ServiceProblem], tuple[int, Mapping[str, object], str | None]]:
        """Errors of other processes are sent as pickles."""
        return ServiceProblem, (self.status, self.document, self.request_id)

    @property
    def pointer(self) -> str:
        """JSON pointer to the first fault in the body; the empty text is the body itself."""
        return pointer_of(self.document)


def pointer_of(problem: Mapping[str, object]) -> str:
    """The pointer of a problem's first fault."""
    faults = problem.get("errors")
    if not isinstance(faults, list) or not faults:
        return ""
    first = cast("list[object]", faults)[0]
    return str(cast("Mapping[str, object]", first).get("pointer", "")) if isinstance(first, Mapping) else ""
