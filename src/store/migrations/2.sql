-- What a turn cost, so that a day's spending is a sum; by which way it was asked; and what an answer points at.
ALTER TABLE turns ADD COLUMN cost_usd REAL;
ALTER TABLE turns ADD COLUMN cost_exact INTEGER;
ALTER TABLE turns ADD COLUMN route TEXT;
ALTER TABLE turns ADD COLUMN links TEXT NOT NULL DEFAULT '[]';
ALTER TABLE turns ADD COLUMN sources TEXT NOT NULL DEFAULT '[]';

CREATE INDEX turns_by_time ON turns (created_ms);
