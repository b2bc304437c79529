-- Customers whose transactions are kept, so that later ones can be added one by one.

CREATE TABLE customers (
    -- Never used again, so that nothing that an erased customer leaves behind belongs to another one.
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As in entries.
    customer_bucket BIGINT NOT NULL,
    -- How often its transactions have changed.
    position BIGINT NOT NULL,
    -- How many transactions are kept, and their size in bytes.
    transactions BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    -- Milliseconds since 1970.
    changed_at BIGINT NOT NULL,
    -- The position that the scoring is of, the model that made it, and the micro-segment in it.
    scored_position BIGINT,
    model TEXT,
    bundle_sha256 TEXT,
    segment TEXT
);

CREATE INDEX customers_bucket ON customers (customer_bucket);
CREATE INDEX customers_segment ON customers (model, segment, number) WHERE segment IS NOT NULL;
-- Those that wait for a scoring.
CREATE INDEX customers_unscored ON customers (number) WHERE scored_position IS NULL OR scored_position <> position;

CREATE TABLE customer_contents (
    number BIGINT PRIMARY KEY REFERENCES customers (number),
    tenant TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    scoring BYTEA
);

-- What was booked, a transaction a row. It names no customer: when the number's row is erased, nobody can tell whose it was.
CREATE TABLE kept_transactions (
    number BIGINT NOT NULL REFERENCES customers (number),
    id TEXT NOT NULL,
    -- Milliseconds since 1970.
    moment BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (number, id)
);

-- Changes of a customer's micro-segment, in their order.
CREATE TABLE customer_events (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number BIGINT NOT NULL REFERENCES customers (number),
    -- Milliseconds since 1970.
    created_at BIGINT NOT NULL,
    -- The position of the scoring that showed it.
    position BIGINT NOT NULL,
    model TEXT NOT NULL,
    from_segment TEXT,
    to_segment TEXT
);

CREATE INDEX customer_events_customer ON customer_events (number, sequence);
