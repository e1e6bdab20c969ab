-- Name and port of the server a source is fetched from: two requests at once reach one server, no more.
ALTER TABLE source ADD COLUMN host TEXT NOT NULL DEFAULT '';

-- The name of what last_error tells in words.
ALTER TABLE source ADD COLUMN error_code TEXT;

-- 1: its server said that it is gone for good (410).
ALTER TABLE source ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

-- What its document says of how often to come: an object of JSON.
ALTER TABLE source ADD COLUMN hints TEXT NOT NULL DEFAULT '{}';

CREATE INDEX source_host ON source (host, leased_until);
