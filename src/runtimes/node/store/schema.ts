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
]
