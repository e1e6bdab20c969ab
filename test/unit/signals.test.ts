import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { endOnSignals } from '../../src/cli/signals.ts'

function world() {
  const source = new EventEmitter()
  const told: (string | number)[] = []
  const at = { ms: 1000 }
  const request = endOnSignals(source, () => at.ms, (code) => told.push(code))
  const close = async (reason: string) => void told.push(reason)
  return { source, told, at, request, close }
}

test('the first signal ends gracefully, further SIGTERMs change nothing', () => {
  const { source, told, request, close } = world()
  request.ready(close)
  for (let n = 0; n < 3; n++) source.emit('SIGTERM')
  assert.deepEqual(told, ['SIGTERM'])
})

test('a signal during start is kept until the host can close', () => {
  const { source, told, request, close } = world()
  source.emit('SIGTERM')
  assert.deepEqual(told, [])
  request.ready(close)
  assert.deepEqual(told, ['SIGTERM'])
})

test('a second Ctrl-C within half a second is an echo, a later one forces', () => {
  const { source, told, at, request, close } = world()
  request.ready(close)
  source.emit('SIGINT')
  at.ms += 499
  source.emit('SIGINT')
  assert.deepEqual(told, ['SIGINT'])
  at.ms += 1
  source.emit('SIGINT')
  assert.deepEqual(told, ['SIGINT', 130])
})

test('a Ctrl-C after a SIGTERM does not force at once', () => {
  const { source, told, request, close } = world()
  request.ready(close)
  source.emit('SIGTERM')
  source.emit('SIGINT')
  assert.deepEqual(told, ['SIGTERM'])
})
