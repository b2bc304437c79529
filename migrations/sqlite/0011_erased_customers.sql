-- Customers that were erased, where what comes later for them is refused: digests alone.
CREATE TABLE erased_customers (
    -- Of the tenant and its name for the customer.
    customer_sha256 TEXT PRIMARY KEY,
    -- Milliseconds since 1970.
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX customers_changed ON customers (changed_at);
CREATE INDEX customers_approximate ON customers (number) WHERE approximate_since IS NOT NULL;
