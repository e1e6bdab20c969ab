import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { evaluateFeeds } from '../../bench/eval/feed-figures.ts'

const root = join(import.meta.dirname, '../..')
const fixtures = join(root, 'fixtures/parsing')
const shared = join(root, '../shared/data')
const absent = existsSync(join(shared, 'feeds')) ? false : `${shared} is absent`

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function run(script: string, ...options: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, script), ...options], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

test('every document of our own is read, and every expectation met', { timeout: 60_000 }, async () => {
  const { figures, failures } = await evaluateFeeds(fixtures)
  const { documents, with_items: read, items, crashes, expectations, mutations } = figures
  assert.deepEqual(failures.filter((line) => !/^(?:page\.html|settings\.json|\S+ cut60): /.test(line)), [])
  assert.deepEqual({ documents, read, items, crashes }, { documents: 14, read: 14, items: 18, crashes: 0 })
  assert.equal(expectations.mapped, expectations.asserts)
  assert.equal(expectations.passed, expectations.mapped)
  assert.equal(mutations.raw_amp.with_items, 14)
  assert.equal(mutations.unclosed_br.with_items, 14)
})

test('real documents are read as well as promised', { skip: absent, timeout: 240_000 }, async (t) => {
  const { figures } = await evaluateFeeds(shared)
  t.diagnostic(JSON.stringify(figures))
  const share = ({ feeds, with_items: read }: { feeds: number; with_items: number }): number => read / feeds
  assert.equal(figures.crashes, 0)
  assert.ok(figures.with_items / figures.documents >= 0.96)
  assert.ok(figures.expectations.passed / figures.expectations.mapped >= 0.9)
  assert.ok(share(figures.mutations.cut60) >= 0.75)
  assert.ok(share(figures.mutations.raw_amp) >= 0.95)
  assert.ok(share(figures.mutations.unclosed_br) >= 0.95)
})

test('eval:feeds prints its figures as JSON in its last line, and says what it needs', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run('bench/eval/feeds.ts', fixtures, '--json')
  assert.equal(code, 0)
  const figures = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
  assert.deepEqual(Object.keys(figures), ['documents', 'with_items', 'items', 'crashes', 'slowest_ms', 'expectations', 'mutations'])
  const without = await run('bench/eval/feeds.ts')
  assert.equal(without.code, 2)
  assert.match(without.stderr, /a path is missing/)
})

test('parse prints a feed and its articles, or why not', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run('scripts/parse.ts', join(fixtures, 'feeds/harbour.rss'), '--address', 'https://harbour.example.com/feed')
  assert.equal(code, 0)
  const { feed, articles, error } = JSON.parse(stdout) as { feed: Record<string, unknown>; articles: Record<string, unknown>[]; error?: string }
  assert.equal(error, undefined)
  assert.deepEqual([feed.title, feed.language, feed.encoding], ['Harbour Watch', 'en-gb', 'utf-8'])
  assert.equal(articles.length, 3)
  assert.deepEqual(articles[0], {
    id: 'h-1',
    url: 'https://harbour.example.com/anne',
    title: 'Ferry "Anne" back in service',
    summary: 'She sails again — timetable.',
    content_html: '<p>She sails again\u00a0— <a href="https://harbour.example.com/timetable" rel="noopener noreferrer nofollow">timetable</a>.</p>',
    author: 'Ida Quay',
    categories: [],
    published_at: '2026-11-16T12:00:00.000Z',
    updated_at: null,
    image: null,
    language: 'en-gb',
    enclosures: [],
  })
  const page = await run('scripts/parse.ts', join(fixtures, 'feeds/page.html'))
  assert.equal(page.code, 1)
  assert.match((JSON.parse(page.stdout) as { error: string }).error, /^parser: a web page/)
  const header = await run('scripts/parse.ts', join(fixtures, 'expectations/tests/encoding/header.xml'), '--content-type', 'text/xml; charset=iso-8859-1')
  assert.equal((JSON.parse(header.stdout) as { feed: { title: string } }).feed.title, 'été')
  assert.equal((await run('scripts/parse.ts', join(fixtures, 'not-there.xml'))).code, 1)
  assert.equal((await run('scripts/parse.ts')).code, 2)
})
