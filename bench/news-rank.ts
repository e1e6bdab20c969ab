/**
 * What an edition costs inside the function, against the number of live stories: `node bench/news-rank.ts [--stories 1000,10000,50000]
 * [--requests N] [--json]`. A reader with 500 events among 20,000 others; on the Node host's own database, without the way to it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import type { NewsEnv } from '../functions/_news/env.ts'
import { editionFor } from '../functions/_news/ranking/edition.ts'
import { D1Database as SqliteDatabase } from '../src/runtimes/node/bindings/d1/database.ts'
import { KvNamespace } from '../src/runtimes/node/bindings/kv/namespace.ts'
import { openKvStore } from '../src/runtimes/node/bindings/kv/store.ts'
import { chance } from './eval/clicks/chance.ts'

const { values: flags } = parseArgs({ options: { stories: { type: 'string', default: '1000,10000,50000' }, requests: { type: 'string', default: '400' }, json: { type: 'boolean', default: false } } })
const root = resolve(import.meta.dirname, '..')
const HOUR = 3_600_000
const [SOURCES, READERS, EVENTS] = [200, 20_000, 500]

/** Fills a migrated database: stories of three days, openings and showings of one. */
function fill(file: string, stories: number, now: number): void {
  const db = new DatabaseSync(file)
  const next = chance(7)
  const pick = (count: number) => Math.floor(next() * count)
  const word = () => `word${Math.floor(next() ** 3 * 30_000)}`
  db.exec('BEGIN')
  const source = db.prepare('INSERT INTO source (id, url, title) VALUES (?, ?, ?)')
  for (let i = 0; i < SOURCES; i++) source.run(`s${i}`, `https://s${i}.example/feed`, `Source ${i}`)
  const article = db.prepare(`INSERT INTO article (id, source, guid, url, title, summary, image, topics, published_at, first_seen) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)`)
  for (let i = 0; i < stories; i++) {
    const at = now - Math.floor(next() * 72 * HOUR)
    const title = Array.from({ length: 9 }, word).join(' ')
    article.run(`a${i}`, `s${pick(SOURCES)}`, `g${i}`, `https://example.com/${i}`, title, title, JSON.stringify([`topic${pick(40)}`, `topic${pick(40)}`]), at, at)
  }
  const opening = db.prepare('INSERT OR IGNORE INTO opening (story, reader, at) VALUES (?, ?, ?)')
  for (let i = 0; i < READERS * 5; i++) opening.run(`a${Math.floor(next() ** 3 * Math.min(stories, 20_000))}`, `r${pick(READERS)}`, now - pick(24 * HOUR))
  const showing = db.prepare('INSERT OR IGNORE INTO showing (story, slot, views) VALUES (?, ?, ?)')
  for (let i = 0; i < 50_000; i++) showing.run(`a${Math.floor(next() ** 3 * Math.min(stories, 20_000))}`, Math.floor((now - pick(24 * HOUR)) / (HOUR / 4)), 1 + pick(20))
  const event = db.prepare('INSERT INTO event (reader, id, type, story, at, received_at) VALUES (?, ?, ?, ?, ?, ?)')
  for (let i = 0; i < EVENTS; i++) {
    const [story, at] = [`a${pick(stories)}`, now - pick(48 * HOUR)]
    event.run('ada', `e${i}`, i % 10 === 9 ? 'hide' : i % 4 === 3 ? 'like' : 'open', story, at, at)
    if (i % 10 !== 9 && i % 4 !== 3) opening.run(story, 'ada', at)
  }
  db.exec(`INSERT INTO reader (id, preferences) VALUES ('ada', '{"topics":{"follow":["topic1"],"mute":["topic2"]},"sources":{"follow":["s1"],"mute":["s2"]}}')`)
  db.exec(`INSERT INTO setting (name, value) VALUES ('content_version', '1')`)
  db.exec('COMMIT')
  db.close()
}

const short = (value: number) => Math.round(value * 100) / 100

async function measure(stories: number, requests: number): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-rank-'))
  try {
    const [file, kv] = [join(folder, 'news.sqlite'), join(folder, 'cache.sqlite')]
    const spec = { type: 'd1', file, name: 'news', migrationsDir: join(root, 'functions/_news/migrations'), migrationsTable: 'd1_migrations' }
    execFileSync(process.execPath, [join(root, 'src/runtimes/node/bindings/migrate.ts')], { input: JSON.stringify({ DB: spec, CACHE: { type: 'kv', file: kv } }) })
    fill(file, stories, Date.now())
    const env = { DB: new SqliteDatabase(file), CACHE: new KvNamespace(async () => openKvStore(kv)) } as unknown as NewsEnv
    const left: Promise<unknown>[] = []
    const ask = async () => {
      const began = performance.now()
      const { stories: list } = await editionFor(env, { reader: 'ada', limit: 20, later: (work) => void left.push(work) })
      if (list.length === 0) throw new Error('the edition is empty')
      return performance.now() - began
    }
    const first = await ask()
    for (let i = 0; i < 50; i++) await ask()
    const times: number[] = []
    for (let i = 0; i < requests; i++) times.push(await ask())
    times.sort((a, b) => a - b)
    globalThis.gc?.()
    const heapMib = process.memoryUsage().heapUsed / 2 ** 20
    await Promise.all(left)
    return { stories, first_ms: short(first), p50_ms: short(times[requests >> 1]!), p99_ms: short(times[Math.floor(requests * 0.99)]!), heap_mib: short(heapMib) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const rows: object[] = []
for (const stories of flags.stories.split(',').map(Number)) rows.push(await measure(stories, Number(flags.requests)))
if (flags.json) console.log(JSON.stringify({ events: EVENTS, readers: READERS, rows }))
else console.table(rows)
