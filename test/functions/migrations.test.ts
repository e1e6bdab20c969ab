import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')
const all = join(root, 'functions/_news/migrations')
const hour = 3_600_000

test('an older database keeps what readers did: counters are made of openings and showings, events of what their stories were', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-older-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [file, older] = [join(folder, 'news.sqlite'), join(folder, 'older')]
  for (const name of readdirSync(all).filter((one) => one < '0012')) cpSync(join(all, name), join(older, name))
  const migrate = (migrationsDir: string) => execFileSync(process.execPath, [join(root, 'src/runtimes/node/bindings/migrate.ts')], {
    input: JSON.stringify({ DB: { type: 'd1', file, name: 'news', migrationsDir, migrationsTable: 'd1_migrations' } }),
  })
  migrate(older)
  const db = new DatabaseSync(file)
  const now = Date.now()
  db.exec(`INSERT INTO source (id, url, title) VALUES ('s', 'https://s.example/feed', 'S')`)
  db.exec(`INSERT INTO article (id, source, guid, url, title, summary, topics, published_at, first_seen) VALUES ('a', 's', 'g', 'https://s.example/a', 'Title of a', '', '["science"]', ${now}, ${now})`)
  db.exec(`INSERT INTO opening (story, reader, at) VALUES ('a', 'ada', ${now - 4 * hour}), ('a', 'bob', ${now - 8 * hour}), ('a', 'eve', ${now - 30 * hour})`)
  db.exec(`INSERT INTO showing (story, slot, views) VALUES ('a', ${Math.floor((now - 4 * hour) / (hour / 4)) - 1}, 16)`)
  db.exec(`INSERT INTO event (reader, id, type, story, at, received_at) VALUES ('ada', 'e1', 'open', 'a', ${now}, ${now}), ('ada', 'e2', 'open', 'gone', ${now}, ${now})`)
  db.close()
  migrate(all)

  const after = new DatabaseSync(file)
  const counter = after.prepare('SELECT * FROM counter').get() as Record<string, number>
  assert.deepEqual([counter['clicks'], counter['views'], counter['opened_at']], [2, 16, now - 4 * hour], 'of the last day')
  // Showings were kept by quarters of an hour.
  assert.ok(Math.abs(counter['clicks_4h']! - 0.75) < 0.01 && counter['views_4h']! > 7.2 && counter['views_4h']! <= 8.01, JSON.stringify(counter))
  const events = after.prepare('SELECT id, source, topics, title FROM event ORDER BY seq').all().map((row) => ({ ...row }))
  after.close()
  assert.deepEqual(events, [{ id: 'e1', source: 's', topics: '["science"]', title: 'Title of a' }, { id: 'e2', source: '', topics: '[]', title: '' }])
})
