-- The secret of the link under which a feed reader shows an edition: whoever has it reads along, until the reader takes it back.
CREATE TABLE feed_link (
  secret TEXT PRIMARY KEY,
  reader TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
