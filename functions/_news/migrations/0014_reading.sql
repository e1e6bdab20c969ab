-- What the server said of the document that is stored: where it was, its ETag and Last-Modified, the topics it was stored with. An object of JSON.
ALTER TABLE source ADD COLUMN validators TEXT NOT NULL DEFAULT '{}';

-- How often in a row its document was begun to be read and not ended: by then the process was gone.
ALTER TABLE source ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;

-- The server that is asked right now; null while none is.
ALTER TABLE discovery ADD COLUMN host TEXT;
