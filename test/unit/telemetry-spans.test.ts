import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { Invocation, Run, Settlement } from '../../src/contract/invocation.ts'
import { addRecord, BATCH_RECORDS, createBatch, readRecords, takeBatch } from '../../src/tracing/record.ts'
import { spansOf } from '../../src/tracing/make-spans.ts'
import type { SpanData } from '../../src/tracing/span-data.ts'
import { createSpanEncoder } from '../../src/runtimes/node/telemetry/thread/encode-spans.ts'
import { limitSpan } from '../../src/runtimes/node/telemetry/thread/limits.ts'
import { toReadableSpan } from '../../src/tracing/export/readable-span.ts'
import { readFunctionSpans } from '../../src/runtimes/node/telemetry/function-spans.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const origin = { resource: resourceFromAttributes({ 'service.name': 'test', 'process.pid': 12 }), scope: { name: 'pressroom', version: '0' } }

function invocation(url: string, headers: string[] = []): Invocation {
  return { id: 'id-1', function: 'hello', trigger: 'http', route: '/hello', event: { type: 'fetch', method: 'GET', url, headers, body: null }, trace: { traceId, spanId, flags: 1 } }
}
const run = { status: 200 } as Run
const ok: Settlement = { outcome: 'ok', delivered: true, instance: 'i', revision: 'r', cold: false, queueMs: 0.25, initMs: 0.125, runMs: 3.5, cpuMs: 1.5, maxMemoryBytes: 2 ** 25, bill: { billedMs: 3, costPico: 206_250 } }
const frame = { parentSpanId: '', memoryMib: 128, startAt: 1_700_000_000_000.125, endAt: 1_700_000_000_004.25 }

function packed(one: Invocation, settlement: Settlement) {
  const batch = createBatch()
  addRecord(batch, one, run, settlement, frame)
  return [...readRecords(takeBatch(batch))][0]!
}

test('a record is read as it was packed, whatever a function says', () => {
  const detail = 'Error: a\0b\n    at ü 🦊'
  const record = packed(invocation('http://h/ü?q=\u2028', ['x', 'y', 'user-agent', 'a 🦊']), { ...ok, outcome: 'exception', detail })
  assert.equal(record.detail, detail.replace('\0', ''))
  assert.deepEqual(
    [record.url, record.userAgent, record.startAt, record.endAt, record.costPico, record.status, record.memoryMib],
    ['http://h/ü?q=\u2028', 'a 🦊', frame.startAt, frame.endAt, 206_250, 200, 128],
  )
})

test('a batch says when it is full and begins anew', () => {
  const batch = createBatch()
  for (let i = 1; i <= BATCH_RECORDS; i++) {
    const { trace, ...rest } = invocation('http://h/')
    assert.equal(addRecord(batch, { ...rest, id: `id-${i}`, trace: trace! }, run, ok, frame), i === BATCH_RECORDS)
  }
  const ids = [...readRecords(takeBatch(batch))].map(({ id }) => id)
  assert.deepEqual([ids.length, ids[0], ids.at(-1), batch.count, batch.texts.some(Boolean)], [BATCH_RECORDS, 'id-1', `id-${BATCH_RECORDS}`, 0, false])
})

test('a URL is told in the parts of the conventions', () => {
  const parts = (url: string) => {
    const attributes = spansOf(packed(invocation(url), ok))[0]!.attributes
    return ['url.scheme', 'server.address', 'server.port', 'url.path', 'url.query'].map((name) => attributes[name])
  }
  assert.deepEqual(parts('http://127.0.0.1:8787/hello?a=/b:c'), ['http', '127.0.0.1', 8787, '/hello', 'a=/b:c'])
  assert.deepEqual(parts('https://news.example/a:b/c'), ['https', 'news.example', 443, '/a:b/c', undefined])
  assert.deepEqual(parts('http://[::1]/x'), ['http', '[::1]', 80, '/x', undefined])
  assert.deepEqual(parts('http://[::1]:99/x?'), ['http', '[::1]', 99, '/x', undefined])
  assert.deepEqual(parts('http://h?x=1'), ['http', 'h', 80, '/', 'x=1'])
  assert.equal(parts('http://h/edition.rss?key=abc&limit=3&monkey=1&signature=x%20y').at(-1), 'key=REDACTED&limit=3&monkey=1&signature=REDACTED')
})

const rich: SpanData[] = [
  ...spansOf(packed(invocation('http://127.0.0.1:8787/hello?a=1', ['user-agent', 'test/1']), { ...ok, cold: true, queueMs: 30.25, initMs: 12.5 })),
  ...spansOf(packed(invocation('http://h/'), { ...ok, outcome: 'exception', detail: `TypeError: ${'long ü '.repeat(40)}\n    at x` })),
  ...readFunctionSpans(JSON.stringify([{
    t: traceId, i: '1111111111111111', p: spanId, w: 'a=b', n: 'work', k: 2, s: 1_700_000_000_001.5, e: 1_700_000_000_002, c: 2, m: 'why', y: ['lib', '1.0'],
    a: { text: 'x'.repeat(300), yes: true, no: false, whole: 7, negative: -3, large: 2 ** 51, half: 0.5, list: ['a', 'ü'], numbers: [1, 2], halves: [1.5, 2.5], empty: '' },
    v: [['happened', 1_700_000_000_001.75, { a: 1 }]], l: [[traceId, '2222222222222222', { b: true }]], d: [1, 2, 3],
  }])),
]

test('spans are encoded as OpenTelemetry’s own serializer encodes them', () => {
  const theirs = decode(ProtobufTraceSerializer.serializeRequest(rich.map((span) => toReadableSpan(span, origin)))!)
  const ours = decode(createSpanEncoder(origin)(rich))
  assert.ok(JSON.stringify(ours).length > 2000)
  assert.deepEqual(ours, theirs)
})

test('limits cut texts and lists and count what fell away', () => {
  const span = limitSpan(rich.at(-1)!, { attributes: 2, valueLength: 5, events: 0, links: 0 })
  assert.deepEqual(span.attributes, { text: 'xxxxx', yes: true })
  assert.deepEqual([span.events, span.links, span.dropped], [[], [], { attributes: 10, events: 3, links: 4 }])
})

test('what an instance sends and is no span is left out', () => {
  for (const json of ['', 'null', '{}', '[null]', '[{"t":1}]', JSON.stringify([{ t: 'x', i: 'y', n: 'z', k: 0, s: 0, e: 0, y: ['l'] }]), JSON.stringify([{ t: traceId, i: spanId, n: 'z', k: 0, s: 0, e: 0, y: ['l'], v: [1] }])]) {
    assert.deepEqual(readFunctionSpans(json), [], json)
  }
})

type Field = [number, unknown]

/** Message types by the path of field numbers that leads to them; every other length-delimited field is text or bytes. */
const messages = /^(1|1\.1|1\.1\.1(\.2(\.5(\.1)?)?)?|1\.2|1\.2\.1|1\.2\.2|1\.2\.2\.15|(1\.2\.2\.(11|13))|1\.2\.2\.(9|11\.3|13\.4)(\.2(\.5(\.1)?)?)?)$/

/** Reads protobuf without a schema but the nesting: fields in order, zeros left out, since they mean as much as nothing. */
function decode(bytes: Uint8Array, path = ''): Field[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < view.length) {
    const tag = Number(varint())
    const field = tag >> 3
    const here = path === '' ? String(field) : `${path}.${field}`
    const wire = tag & 7
    if (wire === 0) {
      const value = varint()
      // In a value of its own, zero and false are something.
      if (value !== 0n || (path !== '1.2.2' && /\.2$|\.5\.1$/.test(path))) fields.push([field, value.toString()])
    } else if (wire === 1) {
      fields.push([field, view.subarray(at, (at += 8)).toString('hex')])
    } else if (wire === 5) {
      fields.push([field, view.subarray(at, (at += 4)).toString('hex')])
    } else {
      const length = Number(varint())
      const part = view.subarray(at, (at += length))
      fields.push([field, messages.test(here) ? decode(part, here) : part.toString('latin1')])
    }
  }
  return path === '1.2.2' ? fields.toSorted((a, b) => a[0] - b[0]) : fields
}
