-- Columns are what is listed, searched or joined; JSON is what only ever comes back whole.
-- The integer keys never change, so that a full-text index can refer to them.

CREATE TABLE sessions (
    key         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL,
    -- The highest turn number ever given: the number of a deleted turn never names another one.
    last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX sessions_by_activity ON sessions (updated_ms DESC, key DESC);

CREATE TABLE turns (
    key            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    session        INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    parent         INTEGER REFERENCES turns (key),
    created_ms     INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    provider       TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    model_version  TEXT,
    response_id    TEXT,
    finish_reason  TEXT,
    finish_message TEXT,
    attempts       INTEGER NOT NULL DEFAULT 0,
    settings       TEXT    NOT NULL, -- the rest of the request
    usage          TEXT    NOT NULL,
    timing         TEXT    NOT NULL,
    warnings       TEXT    NOT NULL,
    error          TEXT,
    prompt         TEXT    NOT NULL,
    text           TEXT    NOT NULL DEFAULT '',
    thoughts       TEXT    NOT NULL DEFAULT '',
    parts          TEXT    NOT NULL,
    UNIQUE (session, number)
) STRICT;

CREATE INDEX turns_by_parent ON turns (parent);

-- What the user gave along with a prompt.
CREATE TABLE inputs (
    turn    INTEGER NOT NULL REFERENCES turns (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    path    TEXT    NOT NULL,
    mime    TEXT    NOT NULL,
    bytes   INTEGER NOT NULL,
    PRIMARY KEY (turn, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX inputs_by_path ON inputs (path);

-- What the model made.
CREATE TABLE images (
    turn          INTEGER NOT NULL REFERENCES turns (key) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    mime          TEXT    NOT NULL,
    declared_mime TEXT,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    sha256        TEXT    NOT NULL,
    PRIMARY KEY (turn, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX images_by_path ON images (path);
