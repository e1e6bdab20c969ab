import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScale } from '../../bench/scale.ts'

test('under a load that rises and falls instances come and go, and every call is answered or refused', async () => {
  const long = process.env['PRESSROOM_TEST_LONG'] !== undefined
  const result = await runScale({ seconds: long ? 30 : 6, peak: 200, steadySeconds: 1, rounds: 0 })
  const told = JSON.stringify(result)
  assert.ok(result.most_instances > 1 && result.most_instances <= 8, told)
  assert.equal(result.other, 0, told)
  assert.equal(result.answered + result.refused, result.offered, told)
  assert.ok(result.answered > 0 && result.refused > 0, `the load does not saturate this machine: ${told}`)
  assert.equal(result.series.reduce((sum, { offered }) => sum + offered, 0), result.offered, told)
})
