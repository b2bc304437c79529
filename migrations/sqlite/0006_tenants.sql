-- The tenant that explanations and jobs belong to; empty for keys that name none.
ALTER TABLE contents ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
