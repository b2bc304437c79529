"""Made-up histories for golden cases, each with a difficulty of its own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

Transaction = dict[str, Any]
History = dict[str, Any]


def _purchase(timestamp: str, amount: float, **members: Any) -> Transaction:
    return {"timestamp": timestamp, "amount": amount} | members


_TIES = [
    _purchase("2021-03-01T09:00:00Z", -20.5, id="b", mcc=5411, channel="web"),
    _purchase("2021-03-01T09:00:00Z", -3, id="a", mcc=5812, channel="card", balance=120.25),
    _purchase("2021-03-01T10:00:00+01:00", -7.25, id="B", mcc=6011),
    # Without an id they come first, ordered by their amounts.
    _purchase("2021-03-01T09:00:00Z", -1, mcc=5411, channel="card"),
    _purchase("2021-03-01T09:00:00Z", -2, mcc=5411, channel="web"),
    _purchase("2021-03-02T18:30:00Z", 1500, **{"class": "salary"}),
]


def _many(count: int, seed: int) -> list[Transaction]:
    """Transactions of about two years, hours and minutes apart, with refunds."""
    draw = random.Random(seed)
    at = datetime(2019, 1, 3, 8, 15)
    listed: list[Transaction] = []
    for _ in range(count):
        at += timedelta(minutes=draw.randrange(10, 12_000))
        amount = round(-draw.lognormvariate(3, 1), 2)
        members: dict[str, Any] = {"mcc": draw.choice([5411, 5812, "0742", 6011, 4900, 6513])}
        if draw.random() < 0.5:
            members["channel"] = draw.choice(["web", "card"])
        if draw.random() < 0.5:
            members["balance"] = round(draw.gauss(500, 800), 2)
        listed.append(_purchase(f"{at.isoformat()}Z", -amount if draw.random() < 0.1 else amount, **members))
    draw.shuffle(listed)
    return listed


EVENT_HISTORIES: dict[str, History] = {
    "ties-listed-forwards": {"customer_id": "c-1", "transactions": _TIES},
    "ties-listed-backwards": {"customer_id": "c-1", "transactions": list(reversed(_TIES))},
    "unknown-categories": {
        "unknown_class": "skip",
        "transactions": [
            _purchase("2021-05-01", -10, mcc=9999, channel="branch"),
            _purchase("2021-05-02", -11, **{"class": "no-such-class"}),
            _purchase("2021-05-03", -12, mcc=6300, channel="WEB"),
            _purchase("2021-05-04", 0, mcc="742"),
        ],
    },
    "missing-values": {
        "transactions": [
            _purchase("2021-05-01T12:00:00Z", -10),
            _purchase("2021-05-01T18:00:00Z", -10, mcc="", channel=None, balance=None),
            _purchase("2021-05-02T00:00:00Z", -10, mcc=5411, channel="web", balance=0),
            _purchase("2021-05-09T06:00:00Z", 10, **{"class": "groceries"}, balance=-55.5),
        ]
    },
    "midnight-at-the-end-of-a-month": {
        "time_zone": "America/New_York",
        "as_of": "2020-03-01",
        "transactions": [
            # Still the evening of 31 January there.
            _purchase("2020-02-01T04:59:59.5Z", -25, mcc=5812),
            # Midnight there: 1 February.
            _purchase("2020-02-01T05:00:00Z", -26, mcc=5812),
            _purchase("2020-02-01", -27, mcc=5411),
            # The last moment before as_of, and as_of itself, which is left out.
            _purchase("2020-02-29T23:59:59", -28, mcc=5411),
            _purchase("2020-03-01T05:00:00Z", -29, mcc=5411),
        ],
    },
    "one-transaction": {"transactions": [_purchase("2021-12-31T23:59:59Z", -99.99, mcc=6513)]},
    "more-events-than-the-window": {"as_of": "2020-10-01T00:00:00Z", "transactions": _many(150, seed=1)},
    "fewer-days-than-the-window-of-events": {"as_of": "2020-03-01T00:00:00Z", "transactions": _many(40, seed=2)},
}

MONTH_HISTORIES: dict[str, History] = {
    "ties-listed-forwards": EVENT_HISTORIES["ties-listed-forwards"],
    "ties-listed-backwards": EVENT_HISTORIES["ties-listed-backwards"],
    "unknown-categories": {
        "unknown_class": "skip",
        "transactions": [
            _purchase("2021-04-30", -4.5, mcc=5411),
            _purchase("2021-05-01", -10, mcc=9999),
            _purchase("2021-06-02", -11, **{"class": "no-such-class"}),
            _purchase("2021-06-03", -12, mcc=6300),
        ],
    },
    "refunds-and-income": {
        "as_of": "2021-08-01T00:00:00Z",
        "transactions": [
            _purchase("2021-05-01", -10, mcc=5411),
            _purchase("2021-05-02", -0.1, mcc=5812),
            _purchase("2021-05-03", -0.2, mcc=5812),
            # A refund of more than was spent, and one of a part.
            _purchase("2021-05-09", 25, mcc=5411),
            _purchase("2021-05-10", 0.15, mcc=5812),
            # June has only income; July has nothing, and counts.
            _purchase("2021-06-30T23:59:59Z", 2000, **{"class": "salary"}),
        ],
    },
    "midnight-at-the-end-of-a-month": EVENT_HISTORIES["midnight-at-the-end-of-a-month"],
    "one-transaction": EVENT_HISTORIES["one-transaction"],
    "more-months-than-the-window": {"as_of": "2021-12-15T12:00:00Z", "transactions": _many(150, seed=3)},
}
