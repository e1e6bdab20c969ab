DROP TRIGGER score_comes;
DROP TRIGGER score_moves;
DROP TRIGGER score_goes;

-- A score is cut to its first three digits: where many players are close together, few of them share a row.
DELETE FROM tally;
INSERT INTO tally (game, period, about, players) SELECT game, period, CAST(printf('%.2e', score) AS REAL), count(*) FROM score GROUP BY 1, 2, 3;

CREATE TRIGGER score_comes AFTER INSERT ON score BEGIN
  INSERT INTO tally (game, period, about, players) VALUES (new.game, new.period, CAST(printf('%.2e', new.score) AS REAL), 1)
    ON CONFLICT DO UPDATE SET players = players + 1;
END;

CREATE TRIGGER score_moves AFTER UPDATE OF score ON score WHEN printf('%.2e', new.score) <> printf('%.2e', old.score) BEGIN
  UPDATE tally SET players = players - 1 WHERE game = old.game AND period = old.period AND about = CAST(printf('%.2e', old.score) AS REAL);
  INSERT INTO tally (game, period, about, players) VALUES (new.game, new.period, CAST(printf('%.2e', new.score) AS REAL), 1)
    ON CONFLICT DO UPDATE SET players = players + 1;
END;

CREATE TRIGGER score_goes AFTER DELETE ON score BEGIN
  UPDATE tally SET players = players - 1 WHERE game = old.game AND period = old.period AND about = CAST(printf('%.2e', old.score) AS REAL);
  DELETE FROM tally WHERE game = old.game AND period = old.period AND about = CAST(printf('%.2e', old.score) AS REAL) AND players = 0;
END;
