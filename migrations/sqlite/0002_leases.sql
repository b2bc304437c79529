-- Which server computes a running job, and until when nobody else takes it.

ALTER TABLE jobs ADD COLUMN holder TEXT;
-- Milliseconds since 1970; whoever holds the job puts it off. NULL has passed.
ALTER TABLE jobs ADD COLUMN lease_ends INTEGER;
