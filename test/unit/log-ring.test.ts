import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import type { KeptLine, LogHistory } from '../../src/ports/log.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { createLog } from '../../src/runtimes/node/log.ts'
import { createLogRing } from '../../src/runtimes/node/log/ring.ts'

const START = Date.UTC(2026, 0, 2)
const report = {
  invocation: 'i1', function: 'hello', outcome: 'ok' as const, runMs: 3.014, billedMs: 114, memoryMib: 128, maxMemoryBytes: 36.04 * 1024 ** 2, initMs: 110.1,
}
const messages = (lines: KeptLine[]) => lines.map(({ message }) => message)
const all = (history: LogHistory) => history.read({ limit: 1000 }).lines

function ringOf(count: number, limits = {}) {
  const ring = createLogRing(START, limits)
  for (let n = 0; n < count; n++) ring.line(START + n, 'info', {}, `line ${n}`)
  return ring
}

test('the newest lines are answered, the oldest of them first', () => {
  const { lines, missed } = ringOf(20).read({ limit: 3 })
  assert.deepEqual([messages(lines), missed], [['line 17', 'line 18', 'line 19'], 0])
  assert.equal(lines[0]?.time, '2026-01-02T00:00:00.017Z')
})

test('next goes on where an answer ended: every line comes once, in order', () => {
  const ring = ringOf(25)
  const seen: string[] = []
  let { next } = createLogRing(START).read({ limit: 1 })
  for (let page = 0; page < 4; page++) {
    const answer = ring.read({ limit: 10, after: next })
    seen.push(...messages(answer.lines))
    next = answer.next
  }
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, n) => `line ${n}`))
  ring.line(START, 'info', {}, 'more')
  assert.deepEqual(messages(ring.read({ limit: 10, after: next }).lines), ['more'])
})

test('a filter is passed over once: next is beyond what it left out', () => {
  const ring = createLogRing(START)
  ring.line(START, 'info', { function: 'a' }, 'one')
  ring.line(START, 'info', { function: 'b' }, 'two')
  const { next } = ring.read({ limit: 10, after: 0, function: 'a' })
  assert.deepEqual(ring.read({ limit: 10, after: next }).lines, [])
})

test('filters must all fit; a level is the least that is wanted', () => {
  const ring = createLogRing(START)
  ring.line(START, 'debug', { function: 'a', invocation: 'i1' }, 'one')
  ring.line(START, 'warn', { function: 'a', invocation: 'i2' }, 'two')
  ring.line(START, 'error', { function: 'b', invocation: 'i1' }, 'three')
  ring.line(START, 'info', {}, 'host')
  ring.report(START, report)
  const ask = (query: object) => messages(ring.read({ limit: 10, ...query }).lines)
  assert.deepEqual(ask({ function: 'a' }), ['one', 'two'])
  assert.deepEqual(ask({ invocation: 'i1' }), ['one', 'three', 'REPORT'])
  assert.deepEqual(ask({ function: 'a', invocation: 'i1' }), ['one'])
  assert.deepEqual(ask({ level: 'info' }), ['two', 'three', 'host', 'REPORT'])
  assert.deepEqual(ask({ level: 'warn' }), ['two', 'three'])
  assert.deepEqual(ask({ function: '' }), [])
})

test('a REPORT is a line with the figures of its invocation', () => {
  const ring = createLogRing(START)
  ring.report(START, report)
  const [{ seq: _, ...line }] = all(ring) as [KeptLine]
  assert.deepEqual(line, {
    time: '2026-01-02T00:00:00.000Z', level: 'info', message: 'REPORT', function: 'hello', invocation: 'i1', outcome: 'ok',
    run_ms: 3.014, billed_ms: 114, memory_mb: 128, max_memory_mb: 36, init_ms: 110.1,
  })
  const { initMs: _init, ...warm } = report
  ring.report(START, warm)
  assert.ok(!('init_ms' in (all(ring)[1] ?? {})))
})

test('no field takes the place of number, time, level or message', () => {
  const ring = createLogRing(START)
  ring.line(START, 'warn', { seq: 1, time: 'never', level: 'none', message: 'other', port: 8787 }, 'true')
  const [line] = all(ring)
  assert.deepEqual([line?.time, line?.level, line?.message, line?.['port'], line?.seq === 1], ['2026-01-02T00:00:00.000Z', 'warn', 'true', 8787, false])
})

test('beyond its lines it forgets the oldest, and tells who comes late how many', () => {
  const ring = ringOf(3, { lines: 10 })
  const { next } = ring.read({ limit: 10 })
  for (let n = 3; n < 25; n++) ring.line(START, 'info', {}, `line ${n}`)
  const { lines, missed } = ring.read({ limit: 100, after: next })
  assert.deepEqual([messages(lines)[0], lines.length, missed], ['line 15', 10, 12])
})

test('beyond its bytes it forgets the oldest; the newest is kept whatever its length', () => {
  const ring = createLogRing(START, { bytes: 10_000 })
  for (let n = 0; n < 10; n++) ring.line(START, 'info', { function: 'f'.repeat(100) }, `${n}`.repeat(1000))
  assert.deepEqual(messages(all(ring)).map((message) => message[0]), ['6', '7', '8', '9'])
  ring.line(START, 'info', {}, 'x'.repeat(20_000))
  assert.deepEqual(messages(all(ring)), ['x'.repeat(20_000)])
  ring.line(START, 'info', {}, 'y')
  assert.deepEqual(messages(all(ring)), ['y'])
  for (let n = 0; n < 100; n++) ring.report(START, { ...report, invocation: `i${n}` })
  const reports = all(ring)
  assert.deepEqual([reports.length <= 50, reports.at(-1)?.['invocation']], [true, 'i99'])
})

test('numbers grow over a restart: who followed the host before goes on with the first line of the next', () => {
  const before = ringOf(50).read({ limit: 1 })
  const after = createLogRing(START + 1000)
  after.line(START + 1000, 'info', {}, 'again')
  const { lines, missed } = after.read({ limit: 10, after: before.next })
  assert.deepEqual([messages(lines), missed], [['again'], 0])
  assert.ok((lines[0]?.seq ?? 0) > before.next)
})

test('a number of the future, from a clock that was ahead, answers with everything', () => {
  assert.equal(ringOf(5).read({ limit: 10, after: Number.MAX_SAFE_INTEGER }).lines.length, 5)
})

test('the log keeps what it writes: its own messages, lines, and the end of each invocation with the reason before it', () => {
  const clock = handMovedClock(START)
  const log = createLog({ stream: new Writable({ write: (_chunk, _encoding, done) => done() }), dev: false, clock })
  log.info('serving', { pid: 1 })
  log.line({ function: 'hello', revision: 'r1', invocation: 'i1', level: 'warn', message: 'é'.repeat(10_000) })
  log.report({ ...report, outcome: 'timeout', detail: 'no answer after 30 s' })
  const lines = all(log.history)
  assert.deepEqual(lines.map(({ level }) => level), ['info', 'warn', 'error', 'info'])
  assert.deepEqual(messages(lines).slice(1), [`${'é'.repeat(4096)}… truncated, 20000 bytes`, 'timeout: no answer after 30 s', 'REPORT'])
  assert.deepEqual([lines[0]?.['pid'], lines[1]?.['revision'], lines[3]?.['outcome']], [1, 'r1', 'timeout'])
})

test('what a stopped reader loses of the stream is kept all the same, the flood of one function is not', () => {
  const log = createLog({ stream: new Writable({ write: () => {} }), dev: false, clock: handMovedClock(START) })
  for (let n = 0; n < 900; n++) log.info('x'.repeat(3000))
  assert.equal(log.history.read({ limit: 1000 }).lines.length, 900)
  for (let n = 0; n < 3000; n++) log.line({ function: 'flood', level: 'info', message: `${n}` })
  assert.equal(messages(log.history.read({ limit: 1 }).lines)[0], '1999')
})
