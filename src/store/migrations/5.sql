-- Files that are to go as soon as no row names them: named in the transaction that takes their last row away, or before
-- an import has the rows for them, so that a kill in between leaves none behind.
CREATE TABLE removals (
    path   TEXT NOT NULL UNIQUE,
    -- The import that is making the file; NULL where it is to go at once.
    import TEXT
) STRICT;

-- Turns that were purged: a journal that is found later does not bring them back.
CREATE TABLE purged (
    id TEXT NOT NULL UNIQUE
) STRICT;
