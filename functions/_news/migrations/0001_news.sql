-- Times are milliseconds since 1970. Lists of topics are JSON arrays of lower-case words.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE source (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  -- Where a permanent redirect moved it; null while it lives at its url.
  address TEXT,
  title TEXT NOT NULL,
  topics TEXT NOT NULL DEFAULT '[]',
  sample INTEGER NOT NULL DEFAULT 0,
  -- 0: no longer in the list. The row and its articles stay, so that putting it back loses nothing.
  active INTEGER NOT NULL DEFAULT 1,
  position INTEGER NOT NULL DEFAULT 0,
  fetched_at INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  last_success INTEGER,
  last_error TEXT,
  -- Hash of the document whose articles are stored.
  document TEXT
);

CREATE TABLE article (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL REFERENCES source (id),
  guid TEXT NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  image TEXT,
  topics TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  UNIQUE (source, guid)
);

CREATE INDEX article_newest ON article (source, published_at DESC, seq DESC);

CREATE VIRTUAL TABLE article_text USING fts5 (
  title, summary, content = 'article', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER article_added AFTER INSERT ON article BEGIN
  INSERT INTO article_text (rowid, title, summary) VALUES (new.seq, new.title, new.summary);
END;

CREATE TRIGGER article_removed AFTER DELETE ON article BEGIN
  INSERT INTO article_text (article_text, rowid, title, summary) VALUES ('delete', old.seq, old.title, old.summary);
END;

CREATE TRIGGER article_edited AFTER UPDATE OF title, summary ON article BEGIN
  INSERT INTO article_text (article_text, rowid, title, summary) VALUES ('delete', old.seq, old.title, old.summary);
  INSERT INTO article_text (rowid, title, summary) VALUES (new.seq, new.title, new.summary);
END;

CREATE TABLE reader (
  id TEXT PRIMARY KEY,
  preferences TEXT NOT NULL
);

-- What readers did, only ever added to: an edition can be ranked as of any moment.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  reader TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  story TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (reader, id)
);

CREATE INDEX event_of_reader ON event (reader, seq DESC);

-- The first time a reader opened a story: what popularity counts.
CREATE TABLE opening (
  story TEXT NOT NULL,
  reader TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (story, reader)
) WITHOUT ROWID;

CREATE INDEX opening_latest ON opening (at, story);
