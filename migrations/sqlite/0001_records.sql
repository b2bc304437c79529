-- Records of explanations in a hash chain, and the jobs that make them later.

-- The chain, an entry a row. An erased explanation keeps its number and its hashes; its other columns become NULL.
CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    kind TEXT NOT NULL CHECK (kind IN ('explanation', 'erasure')),
    previous_sha256 TEXT NOT NULL,
    -- Of the document as it was before it was sealed.
    document_sha256 TEXT NOT NULL,
    -- Of the two above.
    record_sha256 TEXT NOT NULL,
    id TEXT,
    -- Milliseconds since 1970.
    created_at INTEGER,
    -- 16 bits of the SHA-256 of the customer's id: enough to find the rows, too few to tell who it is.
    customer_bucket INTEGER
) STRICT;

CREATE UNIQUE INDEX entries_id ON entries (id) WHERE id IS NOT NULL;
CREATE INDEX entries_customer ON entries (customer_bucket, sequence) WHERE customer_bucket IS NOT NULL;
CREATE INDEX entries_age ON entries (created_at) WHERE created_at IS NOT NULL AND kind = 'explanation';

-- What an entry says; erasing deletes the row.
CREATE TABLE contents (
    sequence INTEGER PRIMARY KEY REFERENCES entries (sequence),
    -- A page of zeros. It pushes everything after it onto overflow pages, which hold one row each and are overwritten
    -- when the row is deleted. What lies on a tree's own pages is moved about and leaves copies, whatever secure_delete
    -- says. For the same reason no index holds a customer's id.
    guard BLOB NOT NULL,
    customer_id TEXT,
    document BLOB NOT NULL,
    input_form TEXT CHECK (input_form IN ('digest', 'totals', 'history')),
    input BLOB
) STRICT;

-- Which customers were erased lately: what was asked about them before that is not recorded after it.
CREATE TABLE customer_erasures (
    -- As in entries. Who shares it is only asked to try again.
    customer_bucket INTEGER PRIMARY KEY,
    -- The order of the erasures.
    number INTEGER NOT NULL UNIQUE,
    erased_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
    -- The order of arrival.
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    customer_bucket INTEGER,
    -- How often it was started.
    attempts INTEGER NOT NULL DEFAULT 0,
    problem BLOB
) STRICT;

CREATE INDEX jobs_state ON jobs (state, number);
CREATE INDEX jobs_age ON jobs (created_at) WHERE state <> 'done';
CREATE INDEX jobs_customer ON jobs (customer_bucket) WHERE customer_bucket IS NOT NULL;

-- What a job was asked; a job that is done has none, and a failed one keeps no request.
CREATE TABLE job_contents (
    number INTEGER PRIMARY KEY REFERENCES jobs (number),
    -- As in contents.
    guard BLOB NOT NULL,
    customer_id TEXT,
    request BLOB
) STRICT;
