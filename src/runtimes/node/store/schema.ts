/** The host's own tables, oldest version first; a released entry never changes. */
export const hostSchema: readonly string[] = [
  `CREATE TABLE ticks (
     function TEXT NOT NULL,
     cron TEXT NOT NULL,
     scheduled_time INTEGER NOT NULL,
     host TEXT NOT NULL,
     outcome TEXT,
     invocation TEXT,
     PRIMARY KEY (function, cron, scheduled_time)
   ) WITHOUT ROWID`,
  `CREATE TABLE invocations (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     function TEXT NOT NULL,
     revision TEXT,
     host TEXT NOT NULL,
     trigger TEXT NOT NULL,
     outcome TEXT NOT NULL,
     status INTEGER,
     at INTEGER NOT NULL,
     queue_us INTEGER NOT NULL,
     init_us INTEGER NOT NULL,
     run_us INTEGER NOT NULL,
     billed_ms INTEGER NOT NULL,
     cpu_us INTEGER NOT NULL,
     memory_mib INTEGER NOT NULL,
     max_memory_bytes INTEGER NOT NULL,
     cold INTEGER NOT NULL,
     cost_pico INTEGER NOT NULL,
     trace_id TEXT
   ) STRICT;
   CREATE TABLE usage (
     start INTEGER NOT NULL,
     function TEXT NOT NULL,
     memory_mib INTEGER NOT NULL,
     host TEXT NOT NULL,
     invocations INTEGER NOT NULL,
     delivered INTEGER NOT NULL,
     errors INTEGER NOT NULL,
     throttled INTEGER NOT NULL,
     overloaded INTEGER NOT NULL,
     skipped INTEGER NOT NULL,
     billed_ms INTEGER NOT NULL,
     init_us INTEGER NOT NULL,
     run_us INTEGER NOT NULL,
     cpu_us INTEGER NOT NULL,
     unbilled_init_us INTEGER NOT NULL,
     cost_pico INTEGER NOT NULL,
     max_memory_bytes INTEGER NOT NULL,
     PRIMARY KEY (start, function, memory_mib, host)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE failures (
     seq INTEGER PRIMARY KEY,
     invocation TEXT NOT NULL,
     function TEXT NOT NULL,
     revision TEXT,
     trigger TEXT NOT NULL,
     outcome TEXT NOT NULL,
     detail TEXT NOT NULL,
     at INTEGER NOT NULL,
     redacted TEXT NOT NULL,
     whole INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     event TEXT NOT NULL
   ) STRICT;
   CREATE INDEX failures_by_invocation ON failures (invocation)`,
  `CREATE TABLE revisions (
     function TEXT NOT NULL,
     revision TEXT NOT NULL,
     at INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     main TEXT NOT NULL,
     handlers TEXT NOT NULL,
     config TEXT,
     PRIMARY KEY (function, revision)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE alias_states (
     seq INTEGER PRIMARY KEY,
     function TEXT NOT NULL,
     alias TEXT NOT NULL,
     at INTEGER NOT NULL,
     revisions TEXT NOT NULL,
     gate TEXT,
     why TEXT NOT NULL
   ) STRICT;
   CREATE INDEX alias_states_by_alias ON alias_states (function, alias, seq);
   CREATE TABLE triggers (
     function TEXT PRIMARY KEY,
     triggers TEXT NOT NULL
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE messages (
     seq INTEGER PRIMARY KEY,
     queue TEXT NOT NULL,
     id TEXT NOT NULL,
     sent_at INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     holder TEXT,
     content_type TEXT NOT NULL,
     body BLOB NOT NULL,
     trace TEXT,
     error TEXT,
     UNIQUE (queue, id)
   ) STRICT;
   CREATE INDEX messages_due ON messages (queue, due_at, sent_at);
   CREATE INDEX messages_held ON messages (holder, queue) WHERE holder IS NOT NULL;
   CREATE TABLE dead_letters (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     queue TEXT NOT NULL,
     id TEXT NOT NULL,
     sent_at INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     content_type TEXT NOT NULL,
     body BLOB NOT NULL,
     trace TEXT,
     error TEXT NOT NULL,
     died_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX dead_letters_id ON dead_letters (id);
   CREATE INDEX dead_letters_queue ON dead_letters (queue, seq);
   CREATE TABLE queue_sums (
     queue TEXT PRIMARY KEY,
     messages INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     dead INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN
     INSERT INTO queue_sums VALUES (NEW.queue, 1, length(NEW.body), 0)
       ON CONFLICT DO UPDATE SET messages = messages + 1, bytes = bytes + excluded.bytes;
   END;
   CREATE TRIGGER message_removed AFTER DELETE ON messages BEGIN
     UPDATE queue_sums SET messages = messages - 1, bytes = bytes - length(OLD.body) WHERE queue = OLD.queue;
   END;
   CREATE TRIGGER letter_added AFTER INSERT ON dead_letters BEGIN
     INSERT INTO queue_sums VALUES (NEW.queue, 0, 0, 1) ON CONFLICT DO UPDATE SET dead = dead + 1;
   END;
   CREATE TRIGGER letter_removed AFTER DELETE ON dead_letters BEGIN
     UPDATE queue_sums SET dead = dead - 1 WHERE queue = OLD.queue;
   END`,
  `CREATE TABLE objects (
     bucket TEXT NOT NULL,
     key BLOB NOT NULL,
     version TEXT NOT NULL,
     size INTEGER NOT NULL,
     etag TEXT NOT NULL,
     uploaded INTEGER NOT NULL,
     pieces TEXT NOT NULL,
     http TEXT NOT NULL,
     custom TEXT NOT NULL,
     checksums TEXT NOT NULL,
     PRIMARY KEY (bucket, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE uploads (
     id TEXT PRIMARY KEY,
     bucket TEXT NOT NULL,
     key BLOB NOT NULL,
     http TEXT NOT NULL,
     custom TEXT NOT NULL,
     begun INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE upload_parts (
     upload TEXT NOT NULL,
     number INTEGER NOT NULL,
     etag TEXT NOT NULL,
     size INTEGER NOT NULL,
     file TEXT NOT NULL,
     PRIMARY KEY (upload, number)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE secrets (
     name TEXT PRIMARY KEY,
     at INTEGER NOT NULL,
     sealed BLOB NOT NULL
   ) STRICT, WITHOUT ROWID`,
]
