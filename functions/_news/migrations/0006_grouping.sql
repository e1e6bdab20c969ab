-- The address without what only tells where a reader came from: within a source, one page is one article.
ALTER TABLE article ADD COLUMN page TEXT NOT NULL DEFAULT '';

UPDATE article SET page = url;

CREATE INDEX article_page ON article (source, page);

CREATE INDEX IF NOT EXISTS article_published ON article (published_at);

-- What an article is found by when another tells of the same event: its words, for some days.
CREATE TABLE article_term (
  term TEXT NOT NULL,
  at INTEGER NOT NULL,
  article TEXT NOT NULL,
  weight INTEGER NOT NULL,
  PRIMARY KEY (term, at, article)
) WITHOUT ROWID;

CREATE INDEX article_term_of ON article_term (article, term, weight);

-- An article that goes takes its words with it, and its story when it was the last of it.
CREATE TRIGGER article_leaves AFTER DELETE ON article BEGIN
  DELETE FROM article_term WHERE article = old.id;
  UPDATE story SET articles = articles - 1 WHERE id = old.story;
  DELETE FROM story WHERE id = old.story AND articles <= 0;
END;
