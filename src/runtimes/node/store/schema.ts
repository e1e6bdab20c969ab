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
]
