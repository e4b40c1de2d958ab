-- Full text, and the trash.

-- What was thrown away together. The newest one is what undo takes back; its time only ever grows with its key.
CREATE TABLE deletions (
    key        INTEGER PRIMARY KEY,
    deleted_ms INTEGER NOT NULL
) STRICT;

ALTER TABLE sessions ADD COLUMN deletion INTEGER REFERENCES deletions (key);
ALTER TABLE turns ADD COLUMN deletion INTEGER REFERENCES deletions (key);

CREATE INDEX sessions_in_trash ON sessions (deletion) WHERE deletion IS NOT NULL;
CREATE INDEX turns_in_trash ON turns (deletion) WHERE deletion IS NOT NULL;
CREATE INDEX turns_kept ON turns (session, number) WHERE deletion IS NULL;
DROP INDEX sessions_by_activity;
CREATE INDEX sessions_by_activity ON sessions (updated_ms DESC, key DESC) WHERE deletion IS NULL;

-- A turn that came with an import was paid for elsewhere, or has been counted already.
ALTER TABLE turns ADD COLUMN imported INTEGER;

-- What turns cost that are gone for good: the money was spent all the same.
CREATE TABLE spent (
    created_ms INTEGER NOT NULL,
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    pictures   INTEGER NOT NULL,
    cost_usd   REAL,
    cost_exact INTEGER
) STRICT;

CREATE INDEX spent_by_time ON spent (created_ms);

-- The words come from words.rs, folded and parted by single spaces, so there is nothing left for a tokenizer to know.
-- No content: the text is in its own tables already. The rowids are the keys of turns and sessions.
CREATE VIRTUAL TABLE turn_words USING fts5 (
    prompt, text, thoughts, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3 4 5 6'
);
CREATE VIRTUAL TABLE title_words USING fts5 (
    title, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3 4 5 6'
);

-- What the index has yet to take note of. The triggers are plain SQL, so that no way of writing can forget the index
-- and none can fail because of it: also not that of an older tintype that still has the database open.
CREATE TABLE unindexed_turns (key INTEGER PRIMARY KEY) STRICT;
CREATE TABLE unindexed_titles (key INTEGER PRIMARY KEY) STRICT;

INSERT INTO unindexed_turns SELECT key FROM turns;
INSERT INTO unindexed_titles SELECT key FROM sessions;

CREATE TRIGGER turn_inserted AFTER INSERT ON turns BEGIN
    INSERT OR IGNORE INTO unindexed_turns VALUES (new.key);
END;
CREATE TRIGGER turn_changed AFTER UPDATE OF prompt, text, thoughts, deletion ON turns
WHEN (old.prompt, old.text, old.thoughts, old.deletion IS NULL)
    IS NOT (new.prompt, new.text, new.thoughts, new.deletion IS NULL)
BEGIN
    INSERT OR IGNORE INTO unindexed_turns VALUES (new.key);
END;
CREATE TRIGGER turn_deleted AFTER DELETE ON turns BEGIN
    INSERT OR IGNORE INTO unindexed_turns VALUES (old.key);
END;
CREATE TRIGGER session_inserted AFTER INSERT ON sessions BEGIN
    INSERT OR IGNORE INTO unindexed_titles VALUES (new.key);
END;
CREATE TRIGGER session_changed AFTER UPDATE OF title, deletion ON sessions
WHEN (old.title, old.deletion IS NULL) IS NOT (new.title, new.deletion IS NULL)
BEGIN
    INSERT OR IGNORE INTO unindexed_titles VALUES (new.key);
END;
CREATE TRIGGER session_deleted AFTER DELETE ON sessions BEGIN
    INSERT OR IGNORE INTO unindexed_titles VALUES (old.key);
END;
