-- Transactions that are kept no longer: what stands for them, and what is known of them.

-- The moment of the oldest kept transaction, or one before it.
ALTER TABLE customers ADD COLUMN oldest BIGINT;
-- How many transactions were folded, and before which moment.
ALTER TABLE customers ADD COLUMN folded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN folded_until BIGINT;
-- Before this moment nothing can be put in its place any more.
ALTER TABLE customers ADD COLUMN settled_until BIGINT;
-- How many came too late for that, and the moment of the oldest of them.
ALTER TABLE customers ADD COLUMN late BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN approximate_since BIGINT;

UPDATE customers SET oldest =
    (SELECT min(moment) FROM kept_transactions WHERE kept_transactions.number = customers.number);

CREATE INDEX customers_oldest ON customers (oldest) WHERE oldest IS NOT NULL;

-- What stands for them, and the model that can read it.
ALTER TABLE customer_contents ADD COLUMN fold BYTEA;
ALTER TABLE customer_contents ADD COLUMN fold_of TEXT;

-- The ids of transactions that are kept no longer, as numbers made of their digests: sent again they are known.
CREATE TABLE folded_transactions (
    number BIGINT NOT NULL REFERENCES customers (number),
    id_digest BIGINT NOT NULL,
    -- 1 for one that came too late and is part of nothing.
    late BIGINT NOT NULL,
    PRIMARY KEY (number, id_digest)
);
