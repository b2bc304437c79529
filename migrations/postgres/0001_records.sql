-- Records of explanations in a hash chain, and the jobs that make them later. The columns are those of the other
-- databases, so that an auditor's queries are the same.

-- The chain, an entry a row. An erased explanation keeps its number and its hashes; its other columns become NULL.
CREATE TABLE entries (
    sequence BIGINT PRIMARY KEY CHECK (sequence > 0),
    kind TEXT NOT NULL CHECK (kind IN ('explanation', 'erasure')),
    previous_sha256 TEXT NOT NULL,
    -- Of the document as it was before it was sealed.
    document_sha256 TEXT NOT NULL,
    -- Of the two above.
    record_sha256 TEXT NOT NULL,
    id TEXT,
    -- Milliseconds since 1970.
    created_at BIGINT,
    -- 16 bits of the SHA-256 of the customer's id: enough to find the rows, too few to tell who it is.
    customer_bucket BIGINT
);

CREATE UNIQUE INDEX entries_id ON entries (id) WHERE id IS NOT NULL;
CREATE INDEX entries_customer ON entries (customer_bucket, sequence) WHERE customer_bucket IS NOT NULL;
CREATE INDEX entries_age ON entries (created_at) WHERE created_at IS NOT NULL AND kind = 'explanation';

-- What an entry says; erasing deletes the row. No index holds a customer's id.
CREATE TABLE contents (
    sequence BIGINT PRIMARY KEY REFERENCES entries (sequence),
    customer_id TEXT,
    document BYTEA NOT NULL,
    input_form TEXT CHECK (input_form IN ('digest', 'totals', 'history')),
    input BYTEA
);

-- Which customers were erased lately: what was asked about them before that is not recorded after it.
CREATE TABLE customer_erasures (
    -- As in entries. Who shares it is only asked to try again.
    customer_bucket BIGINT PRIMARY KEY,
    -- The order of the erasures.
    number BIGINT NOT NULL UNIQUE,
    erased_at BIGINT NOT NULL
);

CREATE TABLE jobs (
    -- The order of arrival.
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    customer_bucket BIGINT,
    -- How often it was started.
    attempts BIGINT NOT NULL DEFAULT 0,
    problem BYTEA,
    -- Which server computes it, and until when nobody else takes it, in milliseconds since 1970 by the database's clock.
    holder TEXT,
    lease_ends BIGINT
);

CREATE INDEX jobs_open ON jobs (number) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_age ON jobs (created_at) WHERE state <> 'done';
CREATE INDEX jobs_customer ON jobs (customer_bucket) WHERE customer_bucket IS NOT NULL;

-- What a job was asked; a job that is done has none, and a failed one keeps no request.
CREATE TABLE job_contents (
    number BIGINT PRIMARY KEY REFERENCES jobs (number),
    customer_id TEXT,
    request BYTEA
);
