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
]
