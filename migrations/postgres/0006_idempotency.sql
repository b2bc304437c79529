-- Requests with a key of their caller's. What was done under their id is an entry or a job; without one the request is
-- under way, or its server has ended.
CREATE TABLE idempotency (
    tenant TEXT NOT NULL,
    -- Digests: neither keys nor requests are kept.
    key_sha256 TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    -- Of the explanation, and of its job.
    id TEXT NOT NULL UNIQUE,
    -- As in customer_erasures.
    customer_bucket BIGINT,
    -- Milliseconds since 1970.
    created_at BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, key_sha256)
);

CREATE INDEX idempotency_age ON idempotency (created_at);
CREATE INDEX idempotency_customer ON idempotency (customer_bucket) WHERE customer_bucket IS NOT NULL;
