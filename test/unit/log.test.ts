import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { createLog } from '../../src/runtimes/node/log.ts'

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

function sink() {
  const writes: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      if (chunk !== '') writes.push(chunk)
      done()
    },
  })
  return { stream, writes, lines: () => writes.join('').split('\n').slice(0, -1) }
}

const said = (message: string) => ({ function: 'hello', revision: 'r1', invocation: 'i1', level: 'info' as const, message })
const ok = { invocation: 'i1', function: 'hello', outcome: 'ok' as const, runMs: 3.014, billedMs: 4, memoryMib: 128, maxMemoryBytes: 36 * 1024 ** 2 }

test('a line of a function is one JSON object with its origin', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: false, clock: handMovedClock(Date.UTC(2026, 0, 2)) })
  log.line(said('one\ntwo'))
  log.warn('host speaking', { port: 1 })
  await log.flush()
  assert.deepEqual(lines().map((line) => JSON.parse(line)), [
    { time: '2026-01-02T00:00:00.000Z', level: 'info', function: 'hello', revision: 'r1', invocation: 'i1', message: 'one\ntwo' },
    { time: '2026-01-02T00:00:00.000Z', level: 'warn', port: 1, message: 'host speaking' },
  ])
})

test('the lines of one turn are written in one piece', async () => {
  const { stream, writes } = sink()
  const log = createLog({ stream, dev: false })
  for (let n = 0; n < 50; n++) log.info(`line ${n}`)
  assert.equal(writes.length, 0)
  await turn()
  assert.equal(writes.length, 1)
  assert.equal(writes[0]?.split('\n').length, 51)
})

test('a REPORT line leaves with the next line, in order, and by itself when none comes', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: false })
  log.report(ok)
  log.report(ok)
  log.info('after them')
  await turn()
  assert.deepEqual(lines().map((line) => line.includes('REPORT')), [true, true, false])
  log.report(ok)
  while (lines().length < 4) await turn()
  assert.match(lines()[3] ?? '', /^REPORT/)
})

test('no control character reaches the terminal, in either format', async () => {
  for (const dev of [false, true]) {
    const { stream, writes } = sink()
    const log = createLog({ stream, dev })
    log.line(said('\u001b[2J\u009b31m\r\u0007\u007f\u202e\u2028end'))
    await log.flush()
    assert.doesNotMatch(writes.join(''), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/)
    assert.match(writes.join(''), /\\u001b\[2J\\u009b31m/)
  }
})

test('in dev a stack keeps its lines', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: true, clock: handMovedClock(0) })
  log.line(said('Error: "no" C:\\x\n    at here'))
  await log.flush()
  assert.deepEqual(lines(), ['00:00:00.000 info  hello i1 Error: "no" C:\\x', '      at here'])
})

test('a long line is cut at 8 KiB, between characters, and marked with its length', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: false })
  log.line(said('é'.repeat(10_000)))
  log.line(said('x'.repeat(8192)))
  await log.flush()
  const [cut, whole] = lines().map((line) => (JSON.parse(line) as { message: string }).message)
  assert.equal(cut, `${'é'.repeat(4096)}… truncated, 20000 bytes`)
  assert.equal(whole, 'x'.repeat(8192))
})

test('a flood of one function is cut to its rate and the loss told each second; others write on', async () => {
  const { stream, lines } = sink()
  const clock = handMovedClock()
  const log = createLog({ stream, dev: false, clock })
  for (let n = 0; n < 5000; n++) log.line(said(`line ${n}`))
  log.line({ ...said('calm'), function: 'other' })
  await turn()
  assert.equal(lines().length, 2001)
  await clock.advance(1000)
  for (let n = 0; n < 1500; n++) log.line(said(`later ${n}`))
  await clock.advance(1000)
  await turn()
  const told = lines().map((line) => JSON.parse(line) as { function: string; message: string }).filter(({ message }) => message.includes('dropped'))
  assert.deepEqual(told.map((line) => [line.function, line.message]), [
    ['hello', '3000 lines dropped: more than 1000 in a second'],
    ['hello', '500 lines dropped: more than 1000 in a second'],
  ])
  assert.equal(lines().length, 2001 + 1000 + 2)
})

test('a REPORT line has the shape readers of Lambda logs know', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: false })
  log.report({ ...ok, initMs: 110.1 })
  log.report(ok)
  await log.flush()
  const head = 'REPORT RequestId: i1\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t'
  assert.deepEqual(lines(), [`${head}Init Duration: 110.10 ms\tFunction: hello\tOutcome: ok\t`, `${head}Function: hello\tOutcome: ok\t`])
})

test('a failure tells its reason as an error of the function before its REPORT line', async () => {
  const { stream, lines } = sink()
  const log = createLog({ stream, dev: false })
  log.report({ ...ok, outcome: 'timeout', detail: 'no answer after 30 s' })
  await log.flush()
  const { level, message, invocation } = JSON.parse(lines()[0] ?? '') as Record<string, unknown>
  assert.deepEqual({ level, message, invocation }, { level: 'error', message: 'timeout: no answer after 30 s', invocation: 'i1' })
  assert.match(lines()[1] ?? '', /Outcome: timeout\t$/)
})

test('a reader that stops costs bounded memory, and hears what it missed when it goes on', async () => {
  const held: (() => void)[] = []
  const taken: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      taken.push(chunk)
      held.push(done)
    },
  })
  const log = createLog({ stream, dev: false })
  const long = 'x'.repeat(8000)
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 20; n++) log.info(long)
    await turn()
  }
  assert.ok(stream.writableLength < 1.2 * 1024 ** 2, `holds ${stream.writableLength} bytes`)
  while (held.length > 0) {
    held.shift()?.()
    await turn()
  }
  const messages = taken.join('').split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { message: string }).message)
  const lost = /^(\d+) lines dropped/.exec(messages.at(-1) ?? '')
  assert.equal(messages.length - 1 + Number(lost?.[1]), 400)
})

test('a reader that goes away ends the writing, not the host', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const log = createLog({ stream, dev: false })
  log.info('one')
  await turn()
  log.info('two')
  await log.flush()
  assert.ok(stream.destroyed)
})
