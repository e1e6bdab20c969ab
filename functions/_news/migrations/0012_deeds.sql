-- What the story of an event was when the reader did something to it: an edition asks for it each time, and it outlives the article.
ALTER TABLE event ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';
ALTER TABLE event ADD COLUMN title TEXT NOT NULL DEFAULT '';

UPDATE event SET (source, topics, title) = (SELECT source, topics, title FROM article WHERE article.id = event.story)
WHERE story IN (SELECT id FROM article);
