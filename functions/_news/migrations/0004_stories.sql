-- A story is what several articles tell of one event. Its id is that of its first article.
CREATE TABLE story (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  articles INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

ALTER TABLE article ADD COLUMN story TEXT NOT NULL DEFAULT '';

UPDATE article SET story = id;

INSERT INTO story (id, title, published_at, first_seen, updated_at) SELECT id, title, published_at, first_seen, first_seen FROM article;

CREATE INDEX article_story ON article (story);

-- An article that is stored without a story begins one.
CREATE TRIGGER article_begins_story AFTER INSERT ON article WHEN new.story = '' BEGIN
  UPDATE article SET story = new.id WHERE seq = new.seq;
  INSERT INTO story (id, title, published_at, first_seen, updated_at)
    VALUES (new.id, new.title, new.published_at, new.first_seen, new.first_seen) ON CONFLICT (id) DO NOTHING;
END;

CREATE TRIGGER article_retells_story AFTER UPDATE OF title, published_at ON article WHEN new.id = new.story BEGIN
  UPDATE story SET title = new.title, published_at = new.published_at WHERE id = new.story;
END;
