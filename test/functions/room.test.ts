import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { takePlace } from '../../functions/_news/fetching/room.ts'

const MiB = 2 ** 20

test('small documents wait for nobody; of large ones as many grow as the room holds, and one beyond it; all have their turn', async () => {
  const small = Array.from({ length: 500 }, takePlace)
  assert.ok((await Promise.all(small.map((place) => place.grow(100_000)))).every(Boolean))
  let inside = 0
  let most = 0
  const sizes: number[] = []
  await Promise.all(Array.from({ length: 12 }, async (_, index) => {
    const place = takePlace()
    for (let bytes = MiB; bytes <= 4 * MiB; bytes += MiB) {
      assert.equal(await place.grow(bytes), true)
      if (bytes === MiB) most = Math.max(most, ++inside)
      await pause(1)
    }
    sizes.push(index)
    inside--
    place.leave()
  }))
  assert.equal(sizes.length, 12)
  assert.ok(most >= 5 && most <= 10, `${most} held a megabyte at once`)
  for (const place of small) place.leave()
})

test('one document may be as large as it likes while the others wait', async () => {
  const [huge, other] = [takePlace(), takePlace()]
  assert.equal(await huge.grow(15 * MiB), true)
  assert.equal(await other.grow(8 * MiB), true, 'what lies beyond is not counted among the shared')
  const third = takePlace()
  const waiting = third.grow(2 * MiB)
  assert.equal(await Promise.race([waiting, pause(100, 'waits')]), 'waits')
  huge.leave()
  assert.equal(await waiting, true)
  for (const place of [other, third]) place.leave()
})

test('heavy work is done by one at a time, and goes on when one fails', async () => {
  const places = Array.from({ length: 5 }, takePlace)
  let [running, most] = [0, 0]
  const ended = await Promise.allSettled(places.map((place, index) => place.alone(async () => {
    most = Math.max(most, ++running)
    await pause(5)
    running--
    if (index === 1) throw new Error('no')
    return index
  })))
  assert.deepEqual([most, ended.map(({ status }) => status)], [1, ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']])
  for (const place of places) place.leave()
})
