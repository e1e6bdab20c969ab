import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStartTurns } from '../../src/instances/start-turns.ts'

test('no more starts are under way than may be; who was turned away is called, once, in order, when one has ended', () => {
  const turns = createStartTurns(2)
  const called: string[] = []
  const again = (name: string) => () => {
    if (turns.take(again(name))) called.push(name)
  }
  assert.ok(turns.take(again('a')) && turns.take(again('b')))
  assert.ok(turns.none)
  const [third, fourth] = [again('c'), again('d')]
  assert.ok(!turns.take(third) && !turns.take(third) && !turns.take(fourth))
  assert.deepEqual(called, [])
  turns.give()
  assert.deepEqual(called, ['c'])
  assert.ok(turns.none)
  turns.give()
  assert.deepEqual(called, ['c', 'd'])
  turns.give()
  turns.give()
  assert.ok(!turns.none)
  assert.deepEqual(called, ['c', 'd'])
})

test('a turn that is not used is offered to the next', () => {
  const turns = createStartTurns(1)
  const called: string[] = []
  assert.ok(turns.take(() => {}))
  assert.ok(!turns.take(() => called.push('has no use for it')))
  assert.ok(!turns.take(() => called.push('next')))
  turns.give()
  assert.deepEqual(called, ['has no use for it', 'next'])
})
