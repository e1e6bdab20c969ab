-- What all readers did to a story, in a fixed number of figures however many they are: three that fade by half in an hour, four hours and
-- a day, as of `at`, and the sum of all. `opened_at`: when it was last opened.
CREATE TABLE counter (
  story TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  clicks_1h REAL NOT NULL,
  clicks_4h REAL NOT NULL,
  clicks_24h REAL NOT NULL,
  views_1h REAL NOT NULL,
  views_4h REAL NOT NULL,
  views_24h REAL NOT NULL,
  clicks INTEGER NOT NULL,
  views INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX counter_changed ON counter (at);

CREATE INDEX counter_opened ON counter (opened_at);

-- What was counted by quarters of an hour until now.
INSERT INTO counter
SELECT story, this_moment, max(opened_at),
  sum(opens * pow(0.5, age)), sum(opens * pow(0.5, age / 4)), sum(opens * pow(0.5, age / 24)),
  sum(shown * pow(0.5, age)), sum(shown * pow(0.5, age / 4)), sum(shown * pow(0.5, age / 24)), sum(opens), sum(shown)
FROM (
  SELECT story, opens, shown, opened_at, this_moment, max(0, this_moment - at) / 3600000.0 AS age FROM (
    SELECT story, 1 AS opens, 0 AS shown, at, at AS opened_at FROM opening
    UNION ALL SELECT story, 0, views, (slot + 1) * 900000, 0 FROM showing
  ), (SELECT unixepoch() * 1000 AS this_moment) WHERE at > this_moment - 86400000
)
GROUP BY story;

DROP TABLE showing;
