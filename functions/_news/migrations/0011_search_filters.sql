-- Sources, topics and days are words of the index as well: what is asked for by them is found as fast as by words. A day is three words, of its
-- year, its month and itself; they begin with a private character, so that no text holds them.
ALTER TABLE article ADD COLUMN days TEXT GENERATED ALWAYS AS (
  strftime(char(57344) || '%Y ' || char(57344) || '%Y%m ' || char(57344) || '%Y%m%d', published_at / 1000, 'unixepoch')
) VIRTUAL;

DROP TRIGGER article_added;
DROP TRIGGER article_removed;
DROP TRIGGER article_edited;
DROP TABLE article_word;
DROP TABLE article_text;

-- Prefixes of one letter: whoever searches while typing begins with one.
CREATE VIRTUAL TABLE article_text USING fts5 (
  title, summary, source, topics, days, content = 'article', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2', prefix = '1 2 3'
);

INSERT INTO article_text (article_text) VALUES ('rebuild');

CREATE TRIGGER article_added AFTER INSERT ON article BEGIN
  INSERT INTO article_text (rowid, title, summary, source, topics, days) VALUES (new.seq, new.title, new.summary, new.source, new.topics, new.days);
END;

CREATE TRIGGER article_removed AFTER DELETE ON article BEGIN
  INSERT INTO article_text (article_text, rowid, title, summary, source, topics, days) VALUES ('delete', old.seq, old.title, old.summary, old.source, old.topics, old.days);
END;

CREATE TRIGGER article_edited AFTER UPDATE OF title, summary, source, topics, published_at ON article
WHEN (old.title, old.summary, old.source, old.topics, old.days) IS NOT (new.title, new.summary, new.source, new.topics, new.days) BEGIN
  INSERT INTO article_text (article_text, rowid, title, summary, source, topics, days) VALUES ('delete', old.seq, old.title, old.summary, old.source, old.topics, old.days);
  INSERT INTO article_text (rowid, title, summary, source, topics, days) VALUES (new.seq, new.title, new.summary, new.source, new.topics, new.days);
END;

-- The words there are, for those that are spelt wrong.
CREATE VIRTUAL TABLE article_word USING fts5vocab ('article_text', 'col');
