-- Times are milliseconds since 1970.

-- Every event that counted, once by its id within its game, in the order it was taken in: what watchers are told, and what a repeated id is known by.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  game TEXT NOT NULL,
  id TEXT NOT NULL,
  player TEXT NOT NULL,
  type TEXT NOT NULL,
  -- A score as it ranks: the higher the better, so that of a game in which the lowest wins it is negative.
  value REAL,
  -- Of an achievement.
  name TEXT,
  at INTEGER NOT NULL,
  -- What was taken in together.
  batch INTEGER NOT NULL
);

CREATE UNIQUE INDEX event_of_game ON event (game, id);

CREATE INDEX event_at ON event (at);

-- Standings. Period: `all`, `day:` and its date or `week:` and the date of its Monday, in UTC.
CREATE TABLE score (
  game TEXT NOT NULL,
  period TEXT NOT NULL,
  player TEXT NOT NULL,
  score REAL NOT NULL,
  -- When it was reached.
  at INTEGER NOT NULL,
  PRIMARY KEY (game, period, player)
) WITHOUT ROWID;

CREATE INDEX score_rank ON score (game, period, score DESC, at, player);

CREATE TABLE player (
  player TEXT NOT NULL,
  game TEXT NOT NULL,
  events INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- By the latest join or leave, and when that was.
  playing INTEGER NOT NULL DEFAULT 0,
  presence_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (player, game)
) WITHOUT ROWID;

CREATE TABLE achievement (
  player TEXT NOT NULL,
  game TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The first time.
  at INTEGER NOT NULL,
  PRIMARY KEY (player, game, name)
) WITHOUT ROWID;
