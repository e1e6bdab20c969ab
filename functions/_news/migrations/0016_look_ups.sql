-- What a reader hid or took back, however much was done since.
CREATE INDEX event_hidden ON event (reader, seq) WHERE type IN ('hide', 'unhide');

-- Who asks for a feed by where it has moved to.
CREATE INDEX source_address ON source (address) WHERE address IS NOT NULL;

-- The looks that are under way to a server.
CREATE INDEX discovery_host ON discovery (host) WHERE host IS NOT NULL;

-- The list of everybody, and what was ever in it, beside all that readers added.
CREATE INDEX source_listed ON source (active) WHERE active = 1;

CREATE INDEX source_public ON source (private) WHERE private = 0;
