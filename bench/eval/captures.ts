/**
 * Replays successive captures of news feeds through the ingest function, from a server on this machine, in the order of their times:
 * `npm run eval:captures -- DIR [--until N] [--json]`. DIR holds `captures/`. Counts articles, duplicates, edited titles and captures that
 * cost no parsing; and, by labelled pairs (`bench/eval/captures/pairs.json`, or `DIR/captures/pairs.json`), how well articles on one event become one story.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import ingest from '../../functions/ingest.ts'
import { openDatabase } from '../../functions/_news/database.ts'
import { replaceSources } from '../../functions/_news/sources.ts'
import { pageOf } from '../../functions/_news/stories/page.ts'
import { readArguments, refuse } from '../../scripts/arguments.ts'
import { openNewsEnv } from './captures/news.ts'

const usage = 'usage: npm run eval:captures -- DIR [--until N] [--json]   (DIR holds captures/manifest.tsv; N: so many of them)'
const { values: flags, path: folder } = readArguments(usage, { until: { type: 'string' }, json: { type: 'boolean', default: false } })
const manifest = join(folder, 'captures/manifest.tsv')
if (!existsSync(manifest)) refuse(usage, `${folder} holds no captures`)
const [head = '', ...lines] = readFileSync(manifest, 'utf8').trim().split('\n')
const columns = head.split('\t')
const captures = lines.map((line) => Object.fromEntries(line.split('\t').map((value, i) => [columns[i]!, value])) as { source: string; unix_time: string; file: string })
  .toSorted((a, b) => Number(a.unix_time) - Number(b.unix_time))
  .slice(0, Number(flags.until ?? Infinity))
const missing = captures.filter(({ file }) => !existsSync(join(folder, 'captures', file)))
if (missing.length > 0) refuse(usage, `captures/${missing[0]!.file} is missing${missing.length > 1 ? `, and ${missing.length - 1} more` : ''}`)

const documents = new Map<string, Buffer>()
const server = createServer((request, response) => {
  const body = documents.get(request.url!.slice(1))
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/xml' }).end(body)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const names = [...new Set(captures.map(({ source }) => source))]
const { env, close } = openNewsEnv()
const db = openDatabase(env.DB)
const quiet = ['log', 'warn', 'error'] as const
const speak = quiet.map((level) => console[level])
try {
  await replaceSources(env.DB, db, names.map((name) => ({ url: `${origin}/${name}`, title: name, topics: [] })))
  const ids = new Map((await db.selectFrom('source').select(['id', 'title']).execute()).map(({ id, title }) => [title, id]))
  // What is counted is what the database saw, of new articles and old ones.
  await env.DB.prepare('CREATE TABLE title_edit (article TEXT NOT NULL)').run()
  await env.DB.prepare('CREATE TRIGGER title_edited AFTER UPDATE OF title ON article WHEN old.title IS NOT new.title BEGIN INSERT INTO title_edit VALUES (new.id); END').run()
  let skipped = 0
  const started = performance.now()
  for (const level of quiet) console[level] = () => {}
  for (const [i, { source, file }] of captures.entries()) {
    documents.set(source, unpacked(readFileSync(join(folder, 'captures', file))))
    const id = ids.get(source)!
    const before = await db.selectFrom('source').select('document').where('id', '=', id).executeTakeFirst()
    // Weeks pass between two moments of this program: a source is due at every capture.
    await db.updateTable('source').set({ not_before: 0, fetched_at: 0, leased_until: 0 }).where('id', '=', id).execute()
    await ingest.queue({ messages: [{ body: { source: id, since: Date.now() } }] } as unknown as MessageBatch<never>, env)
    const after = await db.selectFrom('source').select(['document', 'failures']).where('id', '=', id).executeTakeFirst()
    if (after?.document === before?.document && after?.failures === 0) skipped++
    if ((i + 1) % 100 === 0) process.stderr.write(`${i + 1} of ${captures.length} captures\n`)
  }
  for (const [i, level] of quiet.entries()) console[level] = speak[i]!
  const articles = await db.selectFrom('article').select(['id', 'source', 'guid', 'url', 'story']).execute()
  const edits = (await env.DB.prepare('SELECT count(*) AS n FROM title_edit').first<{ n: number }>())!.n
  const sourceNames = new Map([...ids].map(([name, id]) => [id, name]))
  const duplicates = articles.length - new Set(articles.map(({ source, guid }) => `${source}\n${guid}`)).size
    + articles.length - new Set(articles.map(({ source, url }) => `${source}\n${pageOf(url)}`)).size
  const result = {
    captures: captures.length,
    articles: articles.length,
    duplicates,
    title_edits: edits,
    unchanged_skipped: skipped,
    stories: new Set(articles.map(({ story }) => story)).size,
    ms: Math.round(performance.now() - started),
    ...judge(new Map(articles.map((one) => [hashOf(sourceNames.get(one.source)!, one.guid), one.story]))),
  }
  console.log(flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2))
} finally {
  server.close()
  close()
}

function hashOf(source: string, guid: string): string {
  return createHash('sha256').update(`${source}\n${guid}`).digest('hex').slice(0, 12)
}

/** What a capture says; most are compressed. */
function unpacked(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}

type Pairs = { pairs: [string, string, 0 | 1][] }

/** Precision and recall over those labelled pairs of which both articles are there; nothing where there are none. */
function judge(storyOf: ReadonlyMap<string, string>): { pairs?: { labelled: number; found: number; precision: number; recall: number } } {
  const own = join(folder, 'captures/pairs.json')
  const { pairs } = JSON.parse(readFileSync(existsSync(own) ? own : join(import.meta.dirname, 'captures/pairs.json'), 'utf8')) as Pairs
  const there = pairs.filter(([a, b]) => storyOf.has(a) && storyOf.has(b))
  if (there.length === 0) return {}
  const count = (same: 0 | 1, joined: boolean) => there.filter(([a, b, label]) => label === same && (storyOf.get(a) === storyOf.get(b)) === joined).length
  const [right, wrong, missed] = [count(1, true), count(0, true), count(1, false)]
  const share = (part: number, rest: number) => Math.round((part / Math.max(1, part + rest)) * 1e4) / 1e4
  return { pairs: { labelled: pairs.length, found: there.length, precision: share(right, wrong), recall: share(right, missed) } }
}
