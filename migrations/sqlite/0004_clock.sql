-- When a server last looked for explanations that are too old: a clock that is far from it may be wrong.
CREATE TABLE retention_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Milliseconds since 1970.
    noted_at INTEGER NOT NULL
) STRICT;
