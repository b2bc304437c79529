-- Transactions that are kept no longer: what stands for them, and what is known of them.

-- The moment of the oldest kept transaction, or one before it.
ALTER TABLE customers ADD COLUMN oldest INTEGER;
-- How many transactions were folded, and before which moment.
ALTER TABLE customers ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN folded_until INTEGER;
-- Before this moment nothing can be put in its place any more.
ALTER TABLE customers ADD COLUMN settled_until INTEGER;
-- How many came too late for that, and the moment of the oldest of them.
ALTER TABLE customers ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN approximate_since INTEGER;

UPDATE customers SET oldest =
    (SELECT min(moment) FROM kept_transactions WHERE kept_transactions.number = customers.number);

CREATE INDEX customers_oldest ON customers (oldest) WHERE oldest IS NOT NULL;

-- What stands for them, and the model that can read it.
ALTER TABLE customer_contents ADD COLUMN fold BLOB;
ALTER TABLE customer_contents ADD COLUMN fold_of TEXT;

-- The ids of transactions that are kept no longer, as numbers made of their digests: sent again they are known.
CREATE TABLE folded_transactions (
    number INTEGER NOT NULL REFERENCES customers (number),
    id_digest INTEGER NOT NULL,
    -- 1 for one that came too late and is part of nothing.
    late INTEGER NOT NULL,
    PRIMARY KEY (number, id_digest)
) STRICT, WITHOUT ROWID;
