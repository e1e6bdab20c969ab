import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

const root = join(import.meta.dirname, '../..')

function run(script: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, script), ...args], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }))
  })
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pressroom-eval-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

const commands = ['bench/eval/feeds.ts', 'bench/eval/captures.ts', 'scripts/parse.ts']

for (const command of commands) {
  test(`${command} tells how it is called, and refuses what it does not know`, async (t) => {
    const help = await run(command, '--help')
    assert.deepEqual([help.code, help.stderr], [0, ''])
    assert.match(help.stdout, /^usage: npm run /)
    for (const args of [[], ['--wrong'], [folder(t), folder(t)]]) {
      const { code, stdout, stderr } = await run(command, ...args)
      assert.deepEqual([code, stdout], [2, ''], args.join(' '))
      assert.match(stderr, /\nusage: npm run /)
      assert.doesNotMatch(stderr, /\n {4}at /)
    }
  })
}

test('a folder that holds nothing to measure is refused, one without expectations is not', async (t) => {
  const empty = folder(t)
  for (const command of commands.slice(0, 2)) assert.equal((await run(command, empty, '--json')).code, 2)
  assert.equal((await run('scripts/parse.ts', join(empty, 'nothing.xml'))).code, 1)
  mkdirSync(join(empty, 'feeds'))
  writeFileSync(join(empty, 'feeds/manifest.tsv'), 'file\titems\na.xml\t1\nmissing.xml\t1\n')
  writeFileSync(join(empty, 'feeds/a.xml'), '<rss><channel><title>T</title><item><title>One</title></item></channel></rss>')
  const { code, stdout } = await run('bench/eval/feeds.ts', empty, '--json')
  const { documents, with_items: withItems, crashes, expectations } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>
  assert.deepEqual({ code, documents, withItems, crashes, expectations }, { code: 0, documents: 2, withItems: 1, crashes: 0, expectations: { asserts: 0, mapped: 0, passed: 0 } })
})

test('captures are counted: articles, edits of old ones too, what costs no parsing, labelled pairs', async (t) => {
  const dir = folder(t)
  mkdirSync(join(dir, 'captures/a'), { recursive: true })
  const item = (id: number, title: string): string =>
    `<item><guid isPermaLink="false">${id}</guid><link>https://paper.example/${id}</link><title>${title}</title><pubDate>Mon, 02 Nov 2026 12:00:00 GMT</pubDate></item>`
  const feed = (items: string, built: string): string => `<rss version="2.0"><channel><title>A</title><lastBuildDate>${built}</lastBuildDate>${items}</channel></rss>`
  // The last capture edits the title of an article that five hundred newer ones lie above.
  const many = Array.from({ length: 500 }, (_, index) => item(index + 10, `Tale number${index} of lamp${index}`)).join('')
  const captures = [
    feed(item(1, 'Dam gives way'), '1'), feed(item(1, 'Dam gives way'), '2'), feed(item(1, 'Dam gives way at dawn') + item(2, 'A quiet day'), '3'), 'not a feed', feed(many, '4'),
    feed(item(1, 'Dam gave way at dawn'), '5'),
  ]
  const rows = captures.map((capture, index) => {
    writeFileSync(join(dir, `captures/a/${index}.xml.gz`), gzipSync(capture))
    return `a\t${1_790_000_000 + index}\ta/${index}.xml.gz`
  })
  writeFileSync(join(dir, 'captures/manifest.tsv'), `source\tunix_time\tfile\n${rows.toReversed().join('\n')}\n`)
  const replayed = await run('bench/eval/captures.ts', dir, '--json')
  const { ms: _, ...figures } = JSON.parse(replayed.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>
  assert.deepEqual(figures, { captures: 6, articles: 502, duplicates: 0, title_edits: 2, unchanged_skipped: 1, stories: 502 })
  const id = (guid: string): string => createHash('sha256').update(`a\n${guid}`).digest('hex').slice(0, 12)
  writeFileSync(join(dir, 'captures/pairs.json'), JSON.stringify({ pairs: [[id('1'), id('2'), 0], [id('1'), id('nobody'), 1]] }))
  const judged = await run('bench/eval/captures.ts', dir, '--json')
  assert.deepEqual((JSON.parse(judged.stdout.trim().split('\n').at(-1)!) as { pairs: unknown }).pairs, { labelled: 2, found: 1, precision: 0, recall: 0 })
})
