"""Pauses between attempts, addresses, and lines in pieces."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from microseg.http.address import Address
from microseg.http.retries import Retries, retry_after
from microseg.http.wire import Lines


def test_retry_after_is_followed_in_both_notations() -> None:
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=100), usegmt=True)
    assert retry_after("7") == 7.0
    assert 90 < (retry_after(later) or 0) <= 100
    assert retry_after("soon") is None
    assert Retries().pause(1, {"retry-after": "7"}) == 7.0


def test_pauses_grow_and_end() -> None:
    retries = Retries(attempts=3, first_pause=1.0)
    pauses = [retries.pause(failures, {}) for failures in (1, 2, 3)]
    assert 0.5 <= (pauses[0] or 0) <= 1.0 <= (pauses[1] or 0) <= 2.0
    assert pauses[2] is None


def test_pause_that_is_asked_for_and_too_long_ends_the_attempts() -> None:
    assert Retries(longest_pause=5.0).pause(1, {"retry-after": "6"}) is None


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", "http://user:secret@host", "http://x?key=1"])
def test_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: expected"):
        Address.parse(url)


def test_url_has_port_path_and_tls() -> None:
    address = Address.parse("https://[::1]/scores/")
    assert (address.host, address.port, address.path, address.tls) == ("::1", 443, "/scores", True)
    assert (address.authority, address.shown) == ("[::1]", "https://[::1]:443/scores")


def test_lines_are_read_from_pieces_that_end_anywhere() -> None:
    body = b'{"a":1}\n{"b":2}\n{"c":3}\n'
    for size in (1, 3, 8, 100):
        pieces = iter([body[at : at + size] for at in range(0, len(body), size)])
        assert list(Lines().answers(pieces)) == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert list(Lines().answers(iter([b'{"a":1}\n{"cut']))) == [{"a": 1}]
