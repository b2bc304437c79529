"""FastAPI as its manual has it: pydantic models say what a history may hold, and FastAPI checks it."""

from __future__ import annotations

from datetime import datetime

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

from servers.scoring import Rows, Scorer, in_utc

app = FastAPI()
scorer = Scorer.from_environment()


class Transaction(BaseModel):
    id: str | None = None
    timestamp: datetime
    amount: float = Field(ge=-1e12, le=1e12)
    mcc: int | None = Field(default=None, ge=0, le=9999)
    spending_class: str | None = Field(default=None, alias="class")


class History(BaseModel):
    customer_id: str | None = Field(default=None, min_length=1, max_length=256)
    as_of: datetime | None = None
    transactions: list[Transaction]


# Not `def`: a pool of threads would only make requests wait for one another at the interpreter's lock.
@app.post("/v1/score")
async def score(history: History) -> Response:
    as_of = in_utc(history.as_of) if history.as_of else None
    answer = scorer.score(history.customer_id, add_up(history.transactions, as_of), as_of)
    # Bytes and no model of the answer: FastAPI would walk through the document once more.
    return Response(orjson.dumps(answer), media_type="application/json")


def add_up(transactions: list[Transaction], as_of: datetime | None) -> Rows:
    rows = scorer.new_rows()
    column_of_class, column_of_code = scorer.column_of_class, scorer.column_of_code
    for transaction in transactions:
        moment = in_utc(transaction.timestamp)
        if as_of and moment >= as_of:
            continue
        row = rows[moment.year]
        name = transaction.spending_class
        column = column_of_class.get(name) if name else column_of_code.get(transaction.mcc)
        if column is not None:
            row[column] -= transaction.amount
            row[-1] += 1
    return rows
