import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { around, periodOf, topOf } from '../../functions/_arcade/board.ts'
import arcade from '../../functions/arcade.ts'
import { readEvents, type GameEvent } from '../../functions/_arcade/event.ts'
import { games } from '../../functions/_arcade/games.ts'
import { playerOf } from '../../functions/_arcade/player.ts'
import { forgetOld, takeEvents } from '../../functions/_arcade/take.ts'
import { chance, eventAt, openArcade, seed } from './arcade-world.ts'
import { scansOf } from './query-plans.ts'

const day = 86_400_000
const now = Date.parse('2026-11-25T12:00:00Z')

const event = (game: string, id: string, player: string, over: Partial<GameEvent> = {}): GameEvent => eventAt(game, id, player, now, over)

async function everything(db: D1Database): Promise<unknown> {
  const read = async (query: string) => (await db.prepare(query).all()).results
  return {
    scores: await read('SELECT * FROM score ORDER BY game, period, player'),
    players: await read('SELECT * FROM player ORDER BY player, game'),
    achievements: await read('SELECT * FROM achievement ORDER BY player, game, name'),
    tallies: await read('SELECT * FROM tally WHERE players <> 0 ORDER BY game, period, about'),
  }
}

describe('an event', () => {
  test('is one object, or lines of them; what is wrong is named by its line', () => {
    const read = (text: string, name = 'taps') => readEvents(text, name, games[name]!, now)
    assert.deepEqual(read('{\n"id":"1","player":" Ada ","type":"score","value":7}'), [event('taps', '1', ' Ada ', { value: 7 })])
    assert.equal(read('{"id":"1","player":"a","type":"join"}\r\n\n{"id":"2","player":"a","type":"leave","at":"2026-11-24T00:00:00Z"}\n')[1]!.at, Date.parse('2026-11-24T00:00:00Z'))
    assert.equal(read('{"id":"1","player":"a","type":"score","value":9.58}', 'sprint')[0]!.value, -9.58, 'the lowest wins: stored as it ranks')
    assert.equal(read(`{"id":"1","player":"a","type":"join","at":${now + 60_000}}`)[0]!.at, now, 'a clock that is ahead')
    const good = '{"id":"1","player":"a","type":"join"}'
    const cases: [string, RegExp, string?][] = [
      ['', /^body: expected 1–1000 events/], [`${`${good}\n`.repeat(1001)}`, /found 1001/], [`${good}\n{`, /^line 2: expected a JSON object/], [`${good}\n[]`, /^line 2: expected a JSON object/], ['[]', /^event: expected a JSON object/],
      [`${good}\n{"id":"","player":"a","type":"join"}`, /^line 2: id: /], ['{"id":"1","player":"\\u0000","type":"join"}', /^event: player: /], [`{"id":"1","player":"${'x'.repeat(65)}","type":"join"}`, /player/],
      ['{"id":"1","player":"a","type":"win"}', /^event: type: expected one of score/], ['{"id":"1","player":"a","type":"join","value":1}', /join has none/], ['{"id":"1","player":"a","type":"join","level":1}', /^event: level: unknown field/],
      ['{"id":"1","player":"a","type":"join","at":"soon"}', /at: expected a time/], ...['1e300', '9e15', '"2026-11-25T12:00:00"', '"2026-11-25"', '"1"', 'null', '[1]'].map((at): [string, RegExp] => [`{"id":"1","player":"a","type":"join","at":${at}}`, at.includes('e') ? /yet to come/ : /expected a time/]), [`{"id":"1","player":"a","type":"join","at":${now + day}}`, /yet to come/], [`{"id":"1","player":"a","type":"join","at":${now - 8 * day}}`, /older than 7 days/],
      ['{"id":"1","player":"a","type":"score"}', /expected a number of taps, found nothing/], ['{"id":"1","player":"a","type":"score","value":"9"}', /expected a number/],
      ['{"id":"1","player":"a","type":"score","value":101}', /taps has whole scores of 0–100 taps, found 101/, 'impossible_score'], ['{"id":"1","player":"a","type":"score","value":1.5}', /whole scores/, 'impossible_score'],
      ['{"id":"1","player":"a","type":"achievement","value":"cheat"}', /achievements first-run, fifty/, 'impossible_score'],
    ]
    for (const [text, words, code = 'bad_request'] of cases) assert.throws(() => read(text), (error: { message: string; code: string }) => words.test(error.message) && error.code === code, text.slice(0, 100))
  })

  test('has a player of any name that people bear; what cannot be seen is none', () => {
    const named = (player: string) => readEvents(JSON.stringify({ id: '1', player, type: 'join' }), 'taps', games['taps']!, now)[0]!.player
    for (const name of ['👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️', '🇩🇪', 'عمر', 'می‌خواهم', 'क्‍ष', '<b>x</b>', 'a/b', "O'Neil", '語'.repeat(64), '😀'.repeat(32)]) assert.equal(named(name), name)
    assert.equal(named('e\u0301'), 'é', 'one name, however it is written')
    // A name that grows in normal form is measured in it: it is the one that is asked for later.
    for (const name of ['\ufb2c'.repeat(64), 'x'.repeat(65), '', '   ', '\u200d', 'a\nb', 'a\u202eb', 'a\u200bb', 'a\u2028b', '\ud800', '.', '..']) assert.throws(() => named(name), /player: expected a text/, JSON.stringify(name))
  })

  test('counts once by its id within its game, whoever repeats it', async (t) => {
    const db = openArcade(t)
    assert.equal(await takeEvents(db, [event('quest', 'a', 'ada'), event('quest', 'a', 'ada'), event('quest', 'b', 'ada'), event('taps', 'a', 'ada')]), 3)
    const once = await everything(db)
    assert.equal(await takeEvents(db, [event('quest', 'a', 'ada', { value: 1000 }), event('quest', 'b', 'bob'), event('taps', 'a', 'ada')]), 0)
    assert.deepEqual(await everything(db), once)
    assert.deepEqual((await topOf(db, 'quest', games['quest']!, 'all', 5)).map(({ player, score }) => [player, score]), [['ada', 20]])
  })
})

test('a board counts its day or week of UTC, weeks from Monday', async (t) => {
  const db = openArcade(t)
  assert.deepEqual([periodOf('day', now), periodOf('week', now), periodOf('all', now)], ['day:2026-11-25', 'week:2026-11-23', 'all'])
  const sunday = Date.parse('2026-11-22T23:59:59.999Z')
  assert.equal(periodOf('week', sunday), 'week:2026-11-16')
  await takeEvents(db, [event('quest', '1', 'ada', { at: now }), event('quest', '2', 'ada', { at: now - day, value: 5 }), event('quest', '3', 'ada', { at: sunday, value: 3 })])
  for (const [period, score] of [['day:2026-11-25', 10], ['day:2026-11-24', 5], ['week:2026-11-23', 15], ['day:2026-11-22', 3], ['week:2026-11-16', 3], ['all', 18]] as const) {
    assert.equal((await topOf(db, 'quest', games['quest']!, period, 1))[0]?.score, score, period)
  }
})

test('players with the same score share a rank, wherever a board begins', async (t) => {
  const db = openArcade(t)
  const scores = [50, 40, 40, 40, 30, 30, 20, 10]
  await takeEvents(db, scores.map((value, index) => event('taps', `${index}`, `p${index}`, { value, at: now - 60_000 + index })))
  const ranks = [1, 2, 2, 2, 5, 5, 7, 8]
  const all = await topOf(db, 'taps', games['taps']!, 'all', 100)
  assert.deepEqual(all.map(({ rank, player, score }) => [rank, player, score]), scores.map((score, index) => [ranks[index], `p${index}`, score]))
  for (let place = 0; place < scores.length; place++) {
    for (const limit of [1, 2, 3, 5, 8]) {
      const seen = (await around(db, 'taps', games['taps']!, 'all', `p${place}`, limit))!
      const first = Math.max(0, place - Math.floor((limit - 1) / 2))
      assert.deepEqual(seen, all.slice(first, first + limit), `${limit} around p${place}`)
    }
  }
  assert.equal(await around(db, 'taps', games['taps']!, 'all', 'nobody', 5), undefined)
})

test(`a rank counts the better scores, whatever their sizes, while they move (seed ${seed})`, { timeout: 120_000 }, async (t) => {
  const random = chance(seed)
  const db = openArcade(t)
  const value = () => Math.round(10 ** (random() * 7) * (random() < 0.2 ? -1 : 1)) / (random() < 0.2 ? 3 : 1)
  for (let round = 0; round < 3; round++) {
    await takeEvents(db, Array.from({ length: 200 }, (_, index) => event('quest', `${round} ${index}`, `p${Math.floor(random() * 120)}`, { value: value() })))
  }
  const scores = (await topOf(db, 'quest', games['quest']!, 'all', 1000)).map(({ player, score }) => ({ player, score }))
  assert.ok(scores.length > 90)
  for (const { player, score } of scores) {
    const [own] = (await around(db, 'quest', games['quest']!, 'all', player, 1))!
    assert.deepEqual([own?.player, own?.rank], [player, 1 + scores.filter((other) => other.score > score).length], `${player} ${score}`)
    const [shown] = await playerOf(db, player, now)
    assert.equal(shown?.scores.find(({ window }) => window === 'all')?.rank, own?.rank)
  }
})

test('where the lowest wins, the lowest stands first, as it was sent', async (t) => {
  const db = openArcade(t)
  await takeEvents(db, [event('sprint', '1', 'ada', { value: -12.5 }), event('sprint', '2', 'bob', { value: -11.25 }), event('sprint', '3', 'ada', { value: -10 })])
  assert.deepEqual((await topOf(db, 'sprint', games['sprint']!, 'all', 5)).map(({ rank, player, score }) => [rank, player, score]), [[1, 'ada', 10], [2, 'bob', 11.25]])
})

test('a player is shown by game: scores and ranks, the first time of each achievement, playing by the latest join or leave', async (t) => {
  const db = openArcade(t)
  const minute = (minutes: number) => now - minutes * 60_000
  await takeEvents(db, [
    event('quest', '1', 'ada', { type: 'leave', value: null, at: minute(5) }), event('quest', '2', 'ada', { type: 'join', value: null, at: minute(9) }), event('quest', '3', 'bob', { value: 99 }), event('quest', '4', 'ada'),
    event('quest', '5', 'ada', { type: 'achievement', value: null, name: 'dragon', at: minute(2) }), event('quest', '6', 'ada', { type: 'achievement', value: null, name: 'dragon', at: minute(3) }),
  ])
  const [quest] = await playerOf(db, 'ada', now)
  assert.deepEqual(quest, {
    game: 'quest', title: 'Quest', playing: false, events: 5, first_at: new Date(minute(9)).toISOString(), last_at: new Date(now).toISOString(),
    scores: [{ window: 'day', score: 10, rank: 2 }, { window: 'week', score: 10, rank: 2 }, { window: 'all', score: 10, rank: 2 }], achievements: [{ name: 'dragon', at: new Date(minute(3)).toISOString() }],
  })
  await takeEvents(db, [event('quest', '7', 'ada', { type: 'join', value: null, at: minute(4) })])
  assert.equal((await playerOf(db, 'ada', now))[0]!.playing, true)
})

test('what is too old to come again is forgotten, with the boards of days that are over; boards for ever stay', async (t) => {
  const db = openArcade(t)
  await takeEvents(db, [event('quest', 'old', 'ada', { at: now - 9 * day }), event('quest', 'new', 'ada', { at: now - 6 * day })])
  await forgetOld(db, now + day)
  const kept = async (query: string) => (await db.prepare(query).all<{ it: string }>()).results.map(({ it }) => it)
  assert.deepEqual(await kept('SELECT id AS it FROM event'), ['new'])
  assert.deepEqual(await kept('SELECT DISTINCT period AS it FROM score ORDER BY period'), ['all', 'day:2026-11-19', 'week:2026-11-16'])
  assert.equal(await takeEvents(db, [event('quest', 'new', 'ada')]), 0)
})

test('a day of many events and players is forgotten at one tick, the board of for ever is not', async (t) => {
  const db = openArcade(t)
  for (let first = 0; first < 6000; first += 2000) {
    await takeEvents(db, Array.from({ length: 2000 }, (_, index) => event('quest', `e${first + index}`, `p${first + index}`, { at: now, value: 1 + (index % 50) })))
  }
  await forgetOld(db, now + 12 * day)
  const rows = async (query: string) => (await db.prepare(`SELECT count(*) AS rows FROM ${query}`).first<{ rows: number }>())?.rows
  assert.deepEqual([await rows('event'), await rows("score WHERE period LIKE 'day%'"), await rows("tally WHERE period LIKE 'day%'")], [0, 0, 0])
  assert.deepEqual([await rows("score WHERE period = 'all'"), (await around(db, 'quest', games['quest']!, 'all', 'p0', 1))![0]!.rank], [6000, 1 + 6000 - 6000 / 50])
})

test('a batch is acknowledged as far as it counted: what fails later in it brings nothing back', async (t) => {
  const db = openArcade(t)
  const acknowledged: number[] = []
  const messages = Array.from({ length: 30 }, (_, index) => ({
    body: Array.from({ length: 100 }, (__, place) => event('quest', `${index} ${place}`, 'ada', { value: 1, at: Date.now() })),
    ack: () => acknowledged.push(index),
  }))
  // Of the second transaction.
  messages[25]!.body[0]!.player = null as unknown as string
  const batch = { messages } as unknown as MessageBatch<GameEvent[]>
  await assert.rejects(async () => arcade.queue(batch, { ARCADE: db }))
  assert.deepEqual(acknowledged, Array.from({ length: 20 }, (_, index) => index))
  assert.equal((await topOf(db, 'quest', games['quest']!, 'all', 1))[0]!.score, 2000)
})

test('a board that adds up has whole scores: the sum is then the same in whatever order they come', () => {
  for (const [name, { board, score }] of Object.entries(games)) assert.ok(board === 'best' || score.whole, name)
})

test('to count a batch takes as long with a week of events behind it as with none: nothing is gone through as a whole', async (t) => {
  const db = openArcade(t)
  const scans = await scansOf(db, async () => {
    await takeEvents(db, [event('taps', 'a', 'ada'), event('quest', 'b', 'bob'), event('taps', 'c', 'ada', { type: 'join', value: null }), event('quest', 'd', 'bob', { type: 'achievement', value: null, name: 'dragon' })])
    await topOf(db, 'taps', games['taps']!, 'all', 10)
    await around(db, 'taps', games['taps']!, 'all', 'ada', 10)
    await playerOf(db, 'ada', now)
  })
  assert.deepEqual(scans, [])
})
