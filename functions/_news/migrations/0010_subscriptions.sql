-- 1: some reader added it; only readers who did see its articles, until it stands in the list of everybody.
ALTER TABLE source ADD COLUMN private INTEGER NOT NULL DEFAULT 0;

-- Sources that readers added for themselves. Topics: the reader's own folders, a JSON array.
CREATE TABLE subscription (
  reader TEXT NOT NULL,
  source TEXT NOT NULL REFERENCES source (id),
  topics TEXT NOT NULL DEFAULT '[]',
  added_at INTEGER NOT NULL,
  PRIMARY KEY (reader, source)
) WITHOUT ROWID;

CREATE INDEX subscription_of_source ON subscription (source);

-- Addresses whose feed is looked for, or was found or not a moment ago: many readers who ask at once cause one look.
CREATE TABLE discovery (
  address TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  -- Null while it is looked for.
  outcome TEXT
) WITHOUT ROWID;
