-- How many players of a board have a score of about this size: a score cut to its first two digits. A rank is a sum over few rows, however
-- many players there are.
CREATE TABLE tally (
  game TEXT NOT NULL,
  period TEXT NOT NULL,
  about REAL NOT NULL,
  players INTEGER NOT NULL,
  PRIMARY KEY (game, period, about)
) WITHOUT ROWID;

INSERT INTO tally (game, period, about, players) SELECT game, period, CAST(printf('%.1e', score) AS REAL), count(*) FROM score GROUP BY 1, 2, 3;

CREATE TRIGGER score_comes AFTER INSERT ON score BEGIN
  INSERT INTO tally (game, period, about, players) VALUES (new.game, new.period, CAST(printf('%.1e', new.score) AS REAL), 1)
    ON CONFLICT DO UPDATE SET players = players + 1;
END;

CREATE TRIGGER score_moves AFTER UPDATE OF score ON score WHEN printf('%.1e', new.score) <> printf('%.1e', old.score) BEGIN
  UPDATE tally SET players = players - 1 WHERE game = old.game AND period = old.period AND about = CAST(printf('%.1e', old.score) AS REAL);
  INSERT INTO tally (game, period, about, players) VALUES (new.game, new.period, CAST(printf('%.1e', new.score) AS REAL), 1)
    ON CONFLICT DO UPDATE SET players = players + 1;
END;

CREATE TRIGGER score_goes AFTER DELETE ON score BEGIN
  UPDATE tally SET players = players - 1 WHERE game = old.game AND period = old.period AND about = CAST(printf('%.1e', old.score) AS REAL);
  DELETE FROM tally WHERE game = old.game AND period = old.period AND about = CAST(printf('%.1e', old.score) AS REAL) AND players = 0;
END;
