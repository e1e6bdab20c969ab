/**
 * What the newsroom costs, on the Node host's own database and without the way to it: `npm run bench:news -- [DIR]
 * [--stories 1000,10000,50000,200000] [--requests N] [--json]`. Editions of a reader with 500 events among 20,000 others, and searches,
 * against the number of articles; articles ingested a second; and, where DIR holds `feeds/`, how fast they are parsed, beside other parsers.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import type { NewsEnv } from '../functions/_news/env.ts'
import { storeArticles } from '../functions/_news/articles.ts'
import { openDatabase } from '../functions/_news/database.ts'
import type { FeedItem } from '../functions/_news/feed.ts'
import { editionFor } from '../functions/_news/ranking/edition.ts'
import { findArticles } from '../functions/_news/search/find.ts'
import type { Source } from '../functions/_news/sources.ts'
import { D1Database as SqliteDatabase } from '../src/runtimes/node/bindings/d1/database.ts'
import { KvNamespace } from '../src/runtimes/node/bindings/kv/namespace.ts'
import { openKvStore } from '../src/runtimes/node/bindings/kv/store.ts'
import { chance } from './eval/clicks/chance.ts'
import { compareParsers } from './eval/feed-rivals.ts'

const { values: flags, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { stories: { type: 'string', default: '1000,10000,50000,200000' }, requests: { type: 'string', default: '400' }, json: { type: 'boolean', default: false } } })
const root = resolve(import.meta.dirname, '..')
const HOUR = 3_600_000
const [SOURCES, READERS, EVENTS] = [200, 20_000, 500]

/** Words as languages have them: of syllables, thirty thousand, and few that begin with all of another. */
function wordOf(n: number): string {
  const syllable = (i: number) => 'bdfghjklmnprstvz'[i % 16]! + 'aeiou'[Math.floor(i / 16) % 5]!
  return syllable(n) + syllable(Math.floor(n / 80)) + (n < 6400 ? '' : syllable(Math.floor(n / 6400)))
}

/** Fills a migrated database: stories of three days, openings and showings of one. */
function fill(file: string, stories: number, now: number): void {
  const db = new DatabaseSync(file)
  const next = chance(7)
  const pick = (count: number) => Math.floor(next() * count)
  const word = () => wordOf(Math.floor(next() ** 3 * 30_000))
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
  db.exec(`CREATE TEMP TABLE shown (story TEXT, age REAL, views INTEGER)`)
  const showing = db.prepare('INSERT INTO shown VALUES (?, ?, ?)')
  for (let i = 0; i < 50_000; i++) showing.run(`a${Math.floor(next() ** 3 * Math.min(stories, 20_000))}`, next() * 24, 1 + pick(20))
  db.exec(`INSERT INTO counter SELECT story, ${now}, ${now} - min(age) * 3600000, sum(clicks * pow(0.5, age)), sum(clicks * pow(0.5, age / 4)), sum(clicks * pow(0.5, age / 24)),
    sum(views * pow(0.5, age)), sum(views * pow(0.5, age / 4)), sum(views * pow(0.5, age / 24)), sum(clicks), sum(views)
    FROM (SELECT story, (${now} - at) / 3600000.0 AS age, 1 AS clicks, 0 AS views FROM opening UNION ALL SELECT story, age, 0, views FROM shown) GROUP BY story`)
  const event = db.prepare('INSERT INTO event (reader, id, type, story, at, received_at, source, topics, title) SELECT ?, ?, ?, id, ?, ?, source, topics, title FROM article WHERE id = ?')
  for (let i = 0; i < EVENTS; i++) {
    const [story, at] = [`a${pick(stories)}`, now - pick(48 * HOUR)]
    event.run('ada', `e${i}`, i % 10 === 9 ? 'hide' : i % 4 === 3 ? 'like' : 'open', at, at, story)
    if (i % 10 !== 9 && i % 4 !== 3) opening.run(story, 'ada', at)
  }
  db.exec(`INSERT INTO reader (id, preferences) VALUES ('ada', '{"topics":{"follow":["topic1"],"mute":["topic2"]},"sources":{"follow":["s1"],"mute":["s2"]}}')`)
  db.exec(`INSERT INTO setting (name, value) VALUES ('content_version', '1')`)
  db.exec('COMMIT')
  db.close()
}

const short = (value: number) => Math.round(value * 100) / 100

const quantiles = (times: number[]) => {
  times.sort((a, b) => a - b)
  return { p50_ms: short(times[times.length >> 1]!), p99_ms: short(times[Math.floor(times.length * 0.99)]!) }
}

/** Common words, rare ones, two, a beginning, a phrase, and what is nowhere. */
const queries = [
  wordOf(1), wordOf(25_000), `${wordOf(3)} ${wordOf(40)}`, wordOf(12), `"${wordOf(1)} ${wordOf(2)}"`, `${wordOf(2)} OR ${wordOf(9)} -${wordOf(1)}`, `topic:topic3 ${wordOf(5)}`, `source:source ${wordOf(77)}`,
  wordOf(7000).slice(0, 3), `${wordOf(20_000)}x`,
]

/** What takes longest: one letter, thirty-two words any of which will do, or all of which are asked for, nothing but what is not wanted, nothing but filters, slips, and filters that fit little. */
const hardQueries = [
  'b', 'ba', Array.from({ length: 32 }, (_, i) => wordOf(i)).join(' OR '), Array.from({ length: 32 }, (_, i) => wordOf(i)).join(' '), `-${wordOf(1)} -${wordOf(2)}`, 'topic:topic3', 'source:s1', 'before:2000', 'after:2000',
  `topic:nowhere ${wordOf(1)}`, `before:2000 ${wordOf(1)}`, `source:"Source 7" topic:topic5 ${wordOf(11)}`, `${wordOf(20_000)}x ${wordOf(20_001)}x ${wordOf(20_002)}x`, `"${wordOf(1)} ${wordOf(1)} ${wordOf(1)}"`,
]

/** One call, in time that passed and in time of the processor, which other work on the machine does not lengthen. */
async function timed(call: () => Promise<void>): Promise<Timed> {
  const [began, before] = [performance.now(), process.threadCpuUsage()]
  await call()
  const { user, system } = process.threadCpuUsage(before)
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 }
}

interface Timed {
  ms: number
  cpuMs: number
}

function figuresOf(times: readonly Timed[]): object {
  return { ...quantiles(times.map(({ ms }) => ms)), cpu: quantiles(times.map(({ cpuMs }) => cpuMs)) }
}

async function searches(env: NewsEnv, list: readonly string[], requests: number): Promise<object> {
  const db = openDatabase(env.DB)
  const times: Timed[] = []
  for (let i = 0; i < requests; i++) {
    times.push(await timed(async () => void (await findArticles(db, { query: list[i % list.length]!, limit: 20, offset: 0, at: Date.now() }))))
  }
  return figuresOf(times)
}

/** Stores documents of fifty new items each, among those that are there. */
async function ingested(env: NewsEnv): Promise<number> {
  const next = chance(11)
  const word = () => wordOf(Math.floor(next() ** 3 * 30_000))
  const source = { id: 's0', topics: '[]', sample: 0 } as Source
  const [documents, size] = [10, 50]
  const began = performance.now()
  for (let d = 0; d < documents; d++) {
    const items = Array.from({ length: size }, (_, i): FeedItem => ({
      guid: `n${d}-${i}`, url: `https://example.com/new/${d}/${i}`, title: Array.from({ length: 9 }, word).join(' '), summary: Array.from({ length: 30 }, word).join(' '),
      contentHtml: null, author: null, language: null, image: null, enclosures: [], categories: [], topics: ['topic1'], publishedAt: Date.now() - i * 60_000, updatedAt: null,
    }))
    await storeArticles(openDatabase(env.DB), source, items)
  }
  return Math.round((documents * size) / ((performance.now() - began) / 1000))
}

async function measure(stories: number, requests: number): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-rank-'))
  try {
    const [file, kv] = [join(folder, 'news.sqlite'), join(folder, 'cache.sqlite')]
    const spec = { type: 'd1', file, name: 'news', migrationsDir: join(root, 'functions/_news/migrations'), migrationsTable: 'd1_migrations' }
    execFileSync(process.execPath, [join(root, 'src/runtimes/node/bindings/migrate.ts')], { input: JSON.stringify({ DB: spec, CACHE: { type: 'kv', file: kv } }) })
    fill(file, stories, Date.now())
    const env = { DB: new SqliteDatabase(file), CACHE: new KvNamespace(async () => openKvStore(kv)) } as unknown as NewsEnv
    const left: Promise<unknown>[] = []
    const ask = () => timed(async () => {
      const { stories: list } = await editionFor(env, { reader: 'ada', known: true, limit: 20, later: (work) => void left.push(work) })
      if (list.length === 0) throw new Error('the edition is empty')
    })
    const { ms: first } = await ask()
    for (let i = 0; i < 50; i++) await ask()
    const times: Timed[] = []
    for (let i = 0; i < requests; i++) times.push(await ask())
    const heapMib = process.memoryUsage().heapUsed / 2 ** 20
    await Promise.all(left)
    return { stories, edition: { first_ms: short(first), ...figuresOf(times), heap_mib: short(heapMib) }, search: await searches(env, queries, requests), hard_search: await searches(env, hardQueries, requests), ingest_articles_per_s: await ingested(env) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const rows: object[] = []
for (const stories of flags.stories.split(',').map(Number)) {
  if (!flags.json) console.error(`${stories} articles …`)
  rows.push(await measure(stories, Number(flags.requests)))
}
const parsing = folder === undefined ? undefined : await compareParsers(folder)
const result = { events: EVENTS, readers: READERS, rows, ...(parsing === undefined ? {} : { parsing }) }
console.log(flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2))
