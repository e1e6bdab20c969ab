import { readdirSync, readFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openD1 } from './d1/open.ts'
import { KeyvSqlite } from './kv/keyv-sqlite.ts'
import type { BindingSpec, D1Spec } from './spec.ts'
import { reason } from './sqlite.ts'

// A short-lived process: reads `{ name: spec }` from its input, makes the database files ready and writes what it applied.
const specs = JSON.parse(await text(process.stdin)) as Record<string, BindingSpec>
const applied: string[] = []
try {
  for (const spec of Object.values(specs)) {
    if (spec.type !== 'd1' && spec.type !== 'kv') continue
    mkdirSync(dirname(spec.file), { recursive: true })
    if (spec.type === 'd1') await migrate(spec)
    else await new KeyvSqlite(spec.file).has('any')
  }
  process.stdout.write(JSON.stringify(applied))
} catch (error) {
  process.stderr.write(reason(error))
  process.exitCode = 1
}

/** Applies the files that the migrations table does not name, in order, each with its record in one transaction. */
async function migrate(spec: D1Spec): Promise<void> {
  // Migrations run on Cloudflare without a limit on their length.
  const { db, transaction, prepare } = await openD1(spec.file, {})
  const files = migrationFiles(spec.migrationsDir)
  if (files.length === 0) return db.close()
  const table = `"${spec.migrationsTable.replaceAll('"', '""')}"`
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, ` +
    'applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)')
  const done = new Set((prepare(`SELECT name FROM ${table}`).all() as unknown as string[][]).map((row) => row[0]))
  for (const name of files) {
    if (done.has(name)) continue
    const path = join(spec.migrationsDir, name)
    const sql = readFileSync(path, 'utf8')
    try {
      transaction({ writes: true, deletes: false }, () => {
        db.exec(sql)
        prepare(`INSERT INTO ${table} (name) VALUES (?)`).run(name)
      })
    } catch (error) {
      throw new Error(`migration ${path} of database ${spec.name} failed and changed nothing: ${reason(error)}`, { cause: error })
    }
    applied.push(`${spec.name}: ${name}`)
  }
  db.close()
}

/** `*.sql` by their leading number, as wrangler orders them, then by name. */
function migrationFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.sql'))
      .sort((a, b) => leadingNumber(a) - leadingNumber(b) || (a < b ? -1 : 1))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function leadingNumber(name: string): number {
  const number = Number.parseInt(name, 10)
  return Number.isNaN(number) ? Number.MAX_SAFE_INTEGER : number
}
