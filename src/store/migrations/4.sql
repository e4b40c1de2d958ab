-- The name by which journals know this store, wherever its folder lies: one row, which is written when the database is
-- opened.
CREATE TABLE store (
    key INTEGER PRIMARY KEY CHECK (key = 1),
    id  TEXT NOT NULL CHECK (length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*')
) STRICT;
