-- What was shown to readers and may have been passed over: what the last visit showed, a JSON array of stories, and how often the visits
-- before it showed each, a JSON object.
CREATE TABLE visit (
  reader TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  last TEXT NOT NULL,
  times TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX visit_at ON visit (at);
