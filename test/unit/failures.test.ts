import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Invocation, Invoke, Settlement } from '../../src/contract/invocation.ts'
import { createFailureKeeper } from '../../src/host/events/kept.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryFailures } from '../../src/runtimes/memory/failures.ts'
import { openNodeStore } from '../../src/runtimes/node/store.ts'
import { failuresSuite } from '../suites/failures.suite.ts'

failuresSuite('failures in memory', async (_, clock) => memoryFailures(clock))
failuresSuite('failures on disk', async (t, clock) => {
  const folder = mkdtempSync(join(tmpdir(), 'failures-'))
  const store = await openNodeStore({ folder, clock, host: 'h', log: (_level, message) => t.diagnostic(message) })
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return store.failures
})

const LIMIT = 256 * 1024
const ended: Settlement = { outcome: 'exception', detail: 'Error: no', delivered: true, revision: 'r1', cold: false, queueMs: 0, initMs: 0, runMs: 1, cpuMs: 0, maxMemoryBytes: 0 }

/** Lets a request pass the keeper to somebody who reads its body as told, and fails. */
async function fail(body: Uint8Array | ReadableStream<Uint8Array> | null, headers: string[] = [], read: (body: ReadableStream<Uint8Array>) => Promise<unknown> = (stream) => new Response(stream).bytes()) {
  const failures = memoryFailures(handMovedClock())
  const keeper = createFailureKeeper({ failures, clock: handMovedClock() })
  const invocation: Invocation = { id: 'i', function: 'f', trigger: 'http', event: { type: 'fetch', method: 'POST', url: 'http://h/', headers, body } }
  const seen: unknown[] = []
  const next: Invoke = ({ event }) => {
    seen.push(event.type === 'fetch' && event.body)
    return { head: new Promise(() => {}), settled: new Promise(() => {}), cancel() {} }
  }
  keeper.wrap(next)(invocation)
  const given = invocation.event.type === 'fetch' ? invocation.event.body : null
  if (given instanceof ReadableStream) await read(given)
  keeper.settled(invocation, ended)
  return { kept: (await failures.get('i'))!, seen }
}
const stream = (...parts: Uint8Array[]) => new ReadableStream<Uint8Array>({
  pull(controller) {
    const part = parts.shift()
    if (part) controller.enqueue(part)
    else controller.close()
  },
})
const request = (event: string) => (JSON.parse(event) as { request: { body?: string; bodyBase64?: string; headers: [string, string][] } }).request

test('a whole body up to 256 KiB is kept with its event, a larger one is not', async () => {
  const body = new Uint8Array(LIMIT).fill(65)
  const { kept, seen } = await fail(body)
  assert.deepEqual([kept.whole, request(kept.event).body?.length, kept.detail], [true, LIMIT, 'Error: no'])
  assert.equal(seen[0], body, 'what the function gets is what came')
  const large = await fail(new Uint8Array(LIMIT + 1))
  assert.equal(large.kept.whole, false)
  assert.deepEqual(Object.keys(request(large.kept.event)), ['method', 'url', 'headers'])
  const none = await fail(null)
  assert.deepEqual([none.kept.whole, 'body' in request(none.kept.event)], [true, false])
})

test('a streamed body is copied as it passes, until it is larger', async () => {
  const part = new Uint8Array(LIMIT / 4).fill(66)
  let read = 0
  const count = async (body: ReadableStream<Uint8Array>) => (read = (await new Response(body).bytes()).length)
  const { kept } = await fail(stream(part, part, part, part), [], count)
  assert.deepEqual([kept.whole, request(kept.event).body, read], [true, 'B'.repeat(LIMIT), LIMIT])
  const large = await fail(stream(part, part, part, part, new Uint8Array(1)), [], count)
  assert.deepEqual([large.kept.whole, read], [false, LIMIT + 1])
})

test('a body declared larger is not touched', async () => {
  const body = stream(new Uint8Array(1))
  const { seen, kept } = await fail(body, ['content-length', String(LIMIT + 1)])
  assert.equal(seen[0], body)
  assert.equal(kept.whole, false)
})

test('of a body that nobody read to its end a small rest is read for the copy', async () => {
  const { kept } = await fail(stream(new Uint8Array(3).fill(67), new Uint8Array(3).fill(68)), [], async (body) => {
    const reader = body.getReader()
    await reader.read()
    await reader.cancel()
    await new Promise(setImmediate)
  })
  assert.deepEqual([kept.whole, request(kept.event).body], [true, 'CCCDDD'])
})

test('a body that broke off is not kept', async () => {
  let parts = 0
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (parts++ === 0) controller.enqueue(new Uint8Array(3))
      else controller.error(new Error('gone'))
    },
  })
  const { kept } = await fail(broken, [], (body) => new Response(body).bytes().catch(() => {}))
  assert.equal(kept.whole, false)
})

test('only what failed is kept, and secrets are not', async () => {
  const failures = memoryFailures(handMovedClock())
  const keeper = createFailureKeeper({ failures, clock: handMovedClock() })
  const outcomes = ['ok', 'exception', 'timeout', 'cpu_exceeded', 'memory_exceeded', 'exited', 'init_failed', 'throttled', 'overloaded', 'canceled', 'skipped'] as const
  for (const outcome of outcomes) {
    keeper.settled({ id: outcome, function: 'f', trigger: 'http', event: { type: 'fetch', method: 'GET', url: 'http://h/', headers: ['authorization', 'Bearer geheim'], body: null } }, { ...ended, outcome })
  }
  const { failures: kept } = await failures.list({ limit: 100 })
  assert.deepEqual(kept.map(({ outcome }) => outcome).reverse(), outcomes.slice(1, 7))
  const one = (await failures.get('timeout'))!
  assert.deepEqual([one.redacted, one.event.includes('geheim'), request(one.event).headers], [['authorization'], false, [['authorization', '[redacted]']]])
})
