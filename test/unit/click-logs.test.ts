import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readClickLog, type ClickLog } from '../../bench/eval/clicks/log.ts'
import { replay } from '../../bench/eval/clicks/replay.ts'
import { beginning } from '../../functions/_news/ranking/weights.ts'

const start = Date.UTC(2026, 0, 1)
type Line = Record<string, unknown>

function write(t: TestContext, files: Record<string, Buffer | string | Line[]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), Array.isArray(content) ? gzipSync(content.map((line) => JSON.stringify(line)).join('\n')) : content)
  return folder
}

const items = Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, sequence: i, title: i % 2 === 0 ? `comet telescope ${i}` : `chess tournament ${i}`, category: i % 2 === 0 ? 'sky' : 'chess', entities: [] as string[] }))
// Each user clicks one kind.
const events = Array.from({ length: 300 }, (_, i): Line => {
  const shown = Array.from({ length: 6 }, (_, j) => `i${(i * 7 + j * 3) % 40}`)
  return { type: 'impression', at: new Date(start + i * 60_000).toISOString(), user: `u${i % 10}`, items: shown, clicked: shown.filter((item) => Number(item.slice(1)) % 2 === i % 2).slice(0, 1) }
})
const figures = (log: ClickLog) => replay(log, beginning).rankers

test('a log is the same in ISO time, in seconds and in milliseconds, gzipped or not, in any order of its lines', async (t) => {
  const expected = figures(await readClickLog(write(t, { 'items.jsonl.gz': items, 'events.jsonl.gz': events })))
  const timed = (of: (ms: number) => unknown) => events.map((one) => ({ ...one, at: of(Date.parse(String(one['at']))) }))
  for (const lines of [timed((ms) => ms / 1000), timed((ms) => ms), timed((ms) => String(ms)), timed((ms) => new Date(ms).toISOString().replace('Z', '+00:00')), events.toReversed()]) {
    assert.deepEqual(figures(await readClickLog(write(t, { 'items.jsonl.gz': items, 'events.jsonl.gz': lines }))), expected)
  }
  const plain = (lines: Line[]) => `${lines.map((line) => JSON.stringify(line)).join('\r\n')}\r\n\r\n`
  assert.deepEqual(figures(await readClickLog(write(t, { 'items.jsonl': plain(items), 'events.jsonl': plain(events) }))), expected)
})

test('a log without items, histories or clicks is replayed, and lists that judge no order are left out', async (t) => {
  const odd: Line[] = [
    { type: 'impression', at: start, user: 'new', items: ['a', 'b'] },
    { type: 'impression', at: start + 1, user: 7, items: ['a', 'b', 'a'], clicked: ['a'], history: null },
    { type: 'impression', at: start + 2, user: 7, items: [], clicked: [] },
    { type: 'read', at: start + 3, user: 'new', item: 'b', dwell_s: null },
    { type: 'impression', at: start + 4, user: 'new', items: ['a', 'b'], clicked: ['nowhere'], history: ['x', 'y'] },
    { type: 'impression', at: start + 5, user: 'new', items: ['b', 'c'], clicked: ['b', 'c'] },
  ]
  const result = replay(await readClickLog(write(t, { 'events.jsonl.gz': odd })), beginning)
  assert.deepEqual([result.impressions, result.users, result.diversity], [1, 1, null])
  const empty = replay(await readClickLog(write(t, { 'events.jsonl.gz': odd.slice(0, 1), 'items.jsonl.gz': '' })), beginning)
  assert.deepEqual([empty.impressions, empty.users, empty.rankers.ours.auc, empty.paired.auc], [0, 0, 0, [0, 0]])
})

test('nothing that comes later tells: not the items published since, not what was clicked since', async (t) => {
  const firsts = events.slice(0, 150)
  const expected = figures(await readClickLog(write(t, { 'items.jsonl.gz': items, 'events.jsonl.gz': firsts })))
  const later = Array.from({ length: 500 }, (_, i) => ({ id: `later${i}`, sequence: 1000 + i, title: 'comet telescope chess', category: 'sky', entities: ['comet'] }))
  assert.deepEqual(figures(await readClickLog(write(t, { 'items.jsonl.gz': [...items, ...later], 'events.jsonl.gz': firsts }))), expected)
  // Lists that judge no order count for nothing themselves, whatever they would teach.
  const since = events.slice(150).map((one) => ({ ...one, clicked: one['items'] }))
  assert.deepEqual(figures(await readClickLog(write(t, { 'items.jsonl.gz': items, 'events.jsonl.gz': [...firsts, ...since] }))), expected)
})

test('what a reader likes is learned from words and topics', async (t) => {
  const { ours, popularity } = replay(await readClickLog(write(t, { 'items.jsonl.gz': items, 'events.jsonl.gz': events })), beginning, 200).rankers
  assert.ok(ours.auc > 0.8 && ours.auc > popularity.auc + 0.1, JSON.stringify({ ours, popularity }))
})

test('what is no log is told by file and line', async (t) => {
  const whole = gzipSync(JSON.stringify(events[0]).repeat(3))
  for (const [files, problem] of [
    [{}, /expected events\.jsonl\.gz or labels\.jsonl\.gz with at least one line/], [{ 'events.jsonl.gz': [] }, /at least one line/],
    [{ 'events.jsonl.gz': [events[0]!, { ...events[0], at: 'soon' }] }, /events\.jsonl\.gz:2: at: expected a time/], [{ 'events.jsonl.gz': [{ ...events[0], type: 'wink' }] }, /:1: type: expected read or impression/],
    [{ 'events.jsonl.gz': [{ ...events[0], user: null }] }, /:1: expected a name, found null/], [{ 'events.jsonl': '[1]' }, /events\.jsonl:1: expected one JSON object a line/],
    [{ 'events.jsonl.gz': 'no gzip' }, /events\.jsonl\.gz:0: incorrect header check/], [{ 'events.jsonl.gz': whole.subarray(0, -9) }, /events\.jsonl\.gz:\d: unexpected end of file/],
  ] as [Record<string, Buffer | string | Line[]>, RegExp][]) await assert.rejects(readClickLog(write(t, files)), problem)
})
