import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newInvocationId } from '../../src/runtimes/node/front/invocation-ids.ts'

test('an invocation id is a random UUID, version 4, and no two are the same', () => {
  const ids = Array.from({ length: 2_000 }, newInvocationId)
  for (const id of ids) assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  assert.equal(new Set(ids).size, ids.length)
})
