-- 1: the feed gives the item no date; published_at is when it was first seen, and it ranks as older than that.
ALTER TABLE article ADD COLUMN undated INTEGER NOT NULL DEFAULT 0;
