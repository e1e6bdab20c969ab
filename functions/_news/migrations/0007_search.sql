-- Words are found by their stems: "elections" by "election".
DROP TRIGGER article_added;
DROP TRIGGER article_removed;
DROP TRIGGER article_edited;
DROP TABLE article_text;

CREATE VIRTUAL TABLE article_text USING fts5 (
  title, summary, content = 'article', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);

INSERT INTO article_text (article_text) VALUES ('rebuild');

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

-- The words there are, for those that are spelt wrong.
CREATE VIRTUAL TABLE article_word USING fts5vocab ('article_text', 'row');
