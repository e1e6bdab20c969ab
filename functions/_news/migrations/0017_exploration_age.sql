-- What was tried long ago is forgotten, the oldest first.
CREATE INDEX exploration_at ON exploration (at);
