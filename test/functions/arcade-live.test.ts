import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Channel, type Watcher } from '../../functions/_arcade/channel.ts'
import { games } from '../../functions/_arcade/games.ts'
import live from '../../functions/live.ts'
import { takeEvents } from '../../functions/_arcade/take.ts'
import { until } from '../journeys/host-process.ts'
import { chance, eventAt, openArcade, seed } from './arcade-world.ts'

/** Someone who watches: the players it was told of, and the ids of the messages. */
interface Spectator extends Watcher {
  heard: string[]
  ids: number[]
  leftOut: number
  boards: number
  /** Takes a place, behind the message of that number. */
  watch(channel: Channel, since?: number): Promise<void>
  leave(): void
}

/** Leaves at the end of the test, if not before. */
function spectator(t: TestContext): Spectator {
  t.after(() => one.leave())
  const decoder = new TextDecoder()
  const one: Spectator = {
    gone: false, heard: [], ids: [], leftOut: 0, boards: 0,
    send(bytes) {
      for (const part of decoder.decode(bytes).split('\n\n')) {
        const [, type, id, data] = /^event: (\w+)\nid: (\d+)\ndata: (.*)$/.exec(part) ?? []
        if (type === undefined) continue
        one.ids.push(Number(id))
        const told = JSON.parse(data!) as { events?: { player: string }[]; left_out?: number }
        one.leftOut += told.left_out ?? 0
        if (type === 'board') one.boards++
        else one.heard.push(...told.events!.map(({ player }) => player))
      }
      return true
    },
    end() {},
    async watch(channel, since) {
      one.leave = () => {
        one.gone = true
        channel.remove(one)
      }
      await channel.add(one, since)
    },
    leave() {},
  }
  return one
}

/** The database of an arcade that counts how often it is asked for events, and takes its time for every answer. */
function slowArcade(t: TestContext): { db: D1Database; slow: D1Database; asked: () => number } {
  const db = openArcade(t)
  let asked = 0
  const late = async <Value>(value: Promise<Value>): Promise<Value> => {
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30))
    const answer = await value
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30))
    return answer
  }
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => ({
    bind: (...values: unknown[]) => wrap(statement.bind(...values)),
    all: () => late(statement.all()),
    first: () => late(statement.first()),
  }) as unknown as D1PreparedStatement
  const slow = {
    prepare(query: string) {
      if (query.startsWith('SELECT seq')) asked++
      return wrap(db.prepare(query))
    },
  } as unknown as D1Database
  return { db, slow, asked: () => asked }
}

/** Reads until the words come; answers all that was read. */
async function readTo(reader: ReadableStreamDefaultReader<string>, words: string): Promise<string> {
  let text = ''
  while (!text.includes(words)) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the stream ended before ${words}`)
    text += value
  }
  return text
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(`whoever comes and goes at whatever moment, each watcher is told of each event once, in order, and one look each 250 ms serves all (seed ${seed})`, { timeout: 60_000 }, async (t) => {
  const random = chance(seed)
  const { db, slow, asked } = slowArcade(t)
  const channel = new Channel(slow, 'quest', games['quest']!)
  let count = 0
  let going = true
  const play = (async () => {
    for (; going; count++) {
      await takeEvents(db, [eventAt('quest', `e${count}`, `p${count}`, Date.now())])
      await wait(random() * 20)
    }
  })()
  const began = performance.now()
  const stays: Spectator[] = []
  for (let round = 0; round < 12; round++) {
    const come = Array.from({ length: 1 + Math.floor(random() * 3) }, () => spectator(t))
    await Promise.all(come.map((watcher) => watcher.watch(channel)))
    stays.push(...come)
    await wait(random() * 500)
    // All leave, most of the time while the database is being asked.
    if (random() < 0.7) {
      for (const watcher of stays) watcher.leave()
      await wait(random() * 20)
    }
  }
  going = false
  await play
  const last = [spectator(t), spectator(t)]
  await Promise.all(last.map((watcher) => watcher.watch(channel, 0)))
  const looks = asked()
  const time = performance.now() - began
  assert.ok(looks <= time / 250 + 12 + 2, `${looks} looks in ${Math.round(time)} ms`)
  for (const watcher of stays) {
    const numbers = watcher.heard.map((player) => Number(player.slice(1)))
    assert.deepEqual(numbers, Array.from(numbers, (_, index) => numbers[0]! + index), 'each once, none left out')
    assert.deepEqual(watcher.ids, watcher.ids.toSorted((a, b) => a - b))
  }
  for (const watcher of last) {
    await until('the last is heard of', () => watcher.heard.at(-1) === `p${count - 1}`)
    assert.deepEqual(watcher.heard.length + watcher.leftOut, count)
  }
})

test('a thousand who come again after the same outage cost the database one look', { timeout: 30_000 }, async (t) => {
  const { db, slow, asked } = slowArcade(t)
  await takeEvents(db, Array.from({ length: 60 }, (_, index) => eventAt('quest', `e${index}`, `p${index}`, Date.now())))
  const channel = new Channel(slow, 'quest', games['quest']!)
  const back = Array.from({ length: 1000 }, () => spectator(t))
  await Promise.all(back.map((watcher) => watcher.watch(channel, 20)))
  assert.equal(asked(), 1)
  for (const watcher of back) {
    assert.deepEqual([watcher.heard.length, watcher.heard[0], watcher.boards], [40, 'p20', 1])
  }
})

test('who was told more elsewhere is not told it again', { timeout: 30_000 }, async (t) => {
  const { db, slow } = slowArcade(t)
  const channel = new Channel(slow, 'quest', games['quest']!)
  const first = spectator(t)
  await first.watch(channel)
  await takeEvents(db, [eventAt('quest', '1', 'ada', Date.now())])
  // Another instance has told this one of it already; here nobody has looked yet.
  const moved = spectator(t)
  await moved.watch(channel, 1)
  await until('who was here is told', () => first.heard.includes('ada'))
  await wait(300)
  assert.deepEqual([first.heard, moved.heard], [['ada'], []])
})

test('who asks for the head of a stream alone is no watcher', async (t) => {
  const { slow, asked } = slowArcade(t)
  const answer = await live.fetch(new Request('http://host/games/quest/live', { method: 'HEAD' }), { ARCADE: slow })
  assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.body], [200, 'text/event-stream; charset=utf-8', null])
  await wait(300)
  assert.equal(asked(), 0)
})

test('who reads nothing holds a quarter of a MiB and a message, is ended, and comes again to miss nothing', { timeout: 30_000 }, async (t) => {
  const { db, slow } = slowArcade(t)
  const open = async (since?: string) => {
    const answer = await live.fetch(new Request('http://host/games/sprint/live', { headers: since === undefined ? {} : { 'last-event-id': since } }), { ARCADE: slow })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    t.after(() => reader.cancel())
    return reader
  }
  const stalled = (await live.fetch(new Request('http://host/games/sprint/live'), { ARCADE: slow })).body!
  t.after(() => (stalled.locked ? undefined : stalled.cancel()))
  const keen = await open()
  let sent = 0
  for (let round = 0; round < 14; round++) {
    await takeEvents(db, Array.from({ length: 90 }, () => eventAt('sprint', `e${sent}`, `${'語'.repeat(60)}${sent++}`, Date.now(), { value: -12 })))
    // Another one hears each round before the next, so that none is told with another.
    await readTo(keen, `語${sent - 1}","type"`)
  }
  let text = ''
  for await (const chunk of stalled.pipeThrough(new TextDecoderStream())) text += chunk
  assert.ok(Buffer.byteLength(text) < 300 * 1024, `${Buffer.byteLength(text)} bytes waited`)
  const told = (stream: string) => [...stream.matchAll(/語(\d+)","type"/g)].map(([, number]) => Number(number))
  const heard = told(text)
  assert.ok(heard.length > 0 && heard.length < sent, `${heard.length} of ${sent} told`)
  assert.deepEqual(heard, heard.map((_, index) => index), 'in order, none left out')
  const reader = await open([...text.matchAll(/^id: (\d+)$/gm)].at(-1)![1])
  const again = await readTo(reader, 'event: board')
  const leftOut = Number(/"left_out":(\d+)/.exec(again)?.[1] ?? 0)
  assert.equal(heard.length + leftOut + told(again).length, sent)
})

test('at midnight of UTC all who watch get the empty board of the new day', { timeout: 20_000 }, async (t) => {
  const { db } = slowArcade(t)
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-29T23:59:59Z') })
  await takeEvents(db, [eventAt('taps', '1', 'ada', Date.now())])
  const boards: { period: string; entries: unknown[] }[] = []
  const watcher: Watcher = {
    gone: false,
    send(bytes) {
      for (const [, data] of new TextDecoder().decode(bytes).matchAll(/^event: board\nid: \d+\ndata: (.*)$/gm)) boards.push(JSON.parse(data!) as (typeof boards)[number])
      return true
    },
    end() {},
  }
  const channel = new Channel(db, 'taps', games['taps']!)
  t.after(() => channel.remove(watcher))
  await channel.add(watcher, undefined)
  t.mock.timers.setTime(Date.parse('2026-11-30T00:00:00Z'))
  await until('the next board', () => boards.length >= 2)
  assert.deepEqual(boards.map(({ period, entries }) => [period, entries.length]), [['2026-11-29', 1], ['2026-11-30', 0]])
})
