/** What SQLite goes through from end to end, and the statement for which it does. */
export interface Scan {
  what: string
  sql: string
}

// Lists that come with a statement are short, and an index of words is asked for words.
const small = /^SCAN (?:CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery)|VIRTUAL TABLE/

/** Runs `work`, and tells what tables and indexes its statements would go through as a whole, however large they are. */
export async function scansOf(db: D1Database, work: () => Promise<unknown>): Promise<Scan[]> {
  const prepare = db.prepare.bind(db)
  const statements = new Set<string>()
  db.prepare = (sql) => {
    statements.add(sql)
    return prepare(sql)
  }
  try {
    await work()
  } finally {
    db.prepare = prepare
  }
  const scans: Scan[] = []
  for (const sql of statements) {
    const named = sql.match(/\?\d+/g)
    const values = named === null ? (sql.match(/\?/g) ?? []).length : Math.max(...named.map((one) => Number(one.slice(1))))
    const { results } = await prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...Array.from({ length: values }, () => null)).all<{ detail: string }>()
    // What the statement has made itself is as long as it asks for.
    const made = results.map(({ detail }) => /^(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(detail)?.[1])
    scans.push(...results.filter(({ detail }) => detail.startsWith('SCAN') && !small.test(detail) && !made.includes(detail.split(' ')[1])).map(({ detail }) => ({ what: detail, sql: sql.replaceAll(/\s+/g, ' ').slice(0, 200) })))
  }
  return scans
}
