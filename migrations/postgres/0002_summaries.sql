-- What a list shows of an explanation, so that it reads no document.

-- JSON, written from the document; NULL in rows of version 0.1 until a server has filled it, and in erased ones.
ALTER TABLE entries ADD COLUMN summary TEXT;

-- The rows that are still to be filled.
CREATE INDEX entries_unsummarized ON entries (sequence)
    WHERE summary IS NULL AND kind = 'explanation' AND id IS NOT NULL;
