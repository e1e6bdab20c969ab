import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTraceparent, parseTraceparent, traceOf } from '../../src/tracing/trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const valid = `00-${traceId}-${spanId}-01`

test('a valid traceparent is read and written again as it was', () => {
  assert.deepEqual(parseTraceparent(valid), { traceId, spanId, flags: 1 })
  assert.equal(formatTraceparent(parseTraceparent(valid)!), valid)
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-00`)?.flags, 0)
  // Flags that nobody has defined yet are neither believed nor carried on.
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-fe`)?.flags, 0)
})

test('a later version is read by what all versions begin with; version ff is none', () => {
  assert.deepEqual(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes-then`), { traceId, spanId, flags: 1 })
  assert.deepEqual(parseTraceparent(`cc-${traceId}-${spanId}-01`), { traceId, spanId, flags: 1 })
  assert.equal(parseTraceparent(`cc-${traceId}-${spanId}-01.what`), undefined)
  assert.equal(parseTraceparent(`ff-${traceId}-${spanId}-01`), undefined)
})

test('anything invalid is as good as none', () => {
  for (const text of [
    '', 'x', `${valid}-more`, `${valid} `, valid.toUpperCase(), `0-${traceId}-${spanId}-01`, `00-${traceId.slice(1)}-${spanId}-01`, `00-${traceId}-${spanId.slice(1)}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `00-${traceId}-${spanId}-1`, `00-${traceId}-${spanId}-0g`, `00_${traceId}_${spanId}_01`,
  ]) assert.equal(parseTraceparent(text), undefined, text)
})

test('two traceparent headers are none; several tracestate headers are one', () => {
  assert.equal(traceOf(['traceparent', valid, 'traceparent', valid]), undefined)
  assert.deepEqual(traceOf(['tracestate', 'a=1', 'traceparent', valid, 'tracestate', 'b=2']), { traceId, spanId, flags: 1, state: 'a=1,b=2' })
  assert.equal(traceOf(['tracestate', 'a=1']), undefined)
  assert.equal(traceOf(['traceparent', valid, 'tracestate', `a=${'x'.repeat(600)}`])?.state, undefined)
})
