-- How often a story was shown to readers, by quarters of an hour since 1970; what is older than a day says nothing any more.
CREATE TABLE showing (
  story TEXT NOT NULL,
  slot INTEGER NOT NULL,
  views INTEGER NOT NULL,
  PRIMARY KEY (slot, story)
) WITHOUT ROWID;

-- Who opened what lately: readers of the same stories are found by it.
CREATE INDEX opening_of_reader ON opening (reader, at DESC);

CREATE INDEX opening_of_story ON opening (story, at DESC);

-- The newest stories of all, step by step.
CREATE INDEX article_published ON article (published_at DESC, seq DESC);

-- Stories that were shown to be tried, with the chance they had: what is needed to judge another way of choosing by what readers did.
CREATE TABLE exploration (
  reader TEXT NOT NULL,
  story TEXT NOT NULL,
  at INTEGER NOT NULL,
  propensity REAL NOT NULL,
  PRIMARY KEY (reader, at)
) WITHOUT ROWID;
