import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { until } from '../journeys/host-process.ts'

/** An entry of a board. */
export interface Entry {
  rank: number
  player: string
  score: number
}

/** Sends events to a game, one or as lines. */
export async function sendEvents(baseUrl: string, game: string, events: readonly object[], headers: Record<string, string> = {}): Promise<{ status: number; body: { accepted: number; duplicates: number; error: { code: string; message: string } } }> {
  const answer = await fetch(`${baseUrl}/games/${game}/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers }, body: events.map((event) => JSON.stringify(event)).join('\n') })
  return { status: answer.status, body: (await answer.json()) as Awaited<ReturnType<typeof sendEvents>>['body'] }
}

/** Reads a board. */
export async function board(baseUrl: string, game: string, query = ''): Promise<Entry[]> {
  const answer = await fetch(`${baseUrl}/games/${game}/leaderboard?${query}`)
  if (answer.status !== 200) throw new Error(`leaderboard of ${game}: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { entries: Entry[] }).entries
}

/** What players and watchers of boards see, whatever runs the functions. */
export async function runArcade(t: TestContext, baseUrl: string): Promise<void> {
  const now = Date.now()
  const event = (id: string, player: string, value: number, over: object = {}) => ({ id, player, type: 'score', value, at: now - 1000, ...over })

  await t.test('events reach the board once, however often and in whatever order they are sent', async () => {
    const events = [event('a1', 'ada', 100), event('b1', 'bob', 300), event('a2', 'ada', 250, { at: now - 5000 }), { id: 'a0', player: 'ada', type: 'join', at: now - 9000 }]
    assert.deepEqual((await sendEvents(baseUrl, 'quest', [...events, event('a1', 'ada', 100)])).body, { accepted: 4, duplicates: 1 })
    await until('both are on the board', async () => (await board(baseUrl, 'quest')).length === 2)
    assert.deepEqual((await sendEvents(baseUrl, 'quest', events.toReversed())).body, { accepted: 0, duplicates: 4 })
    const shown = (await board(baseUrl, 'quest', 'window=day')).map(({ rank, player, score }) => [rank, player, score])
    assert.deepEqual(shown, [[1, 'ada', 350], [2, 'bob', 300]])
    assert.deepEqual((await board(baseUrl, 'quest', 'window=week&around=bob&limit=1')).map(({ rank, player }) => [rank, player]), [[2, 'bob']])
    const player = (await (await fetch(`${baseUrl}/players/ada`)).json()) as { games: { game: string; playing: boolean; events: number; scores: { window: string; rank: number }[] }[] }
    assert.deepEqual(player.games.map(({ game, playing, events: all, scores }) => [game, playing, all, scores.map(({ window, rank }) => `${window} ${rank}`)]), [['quest', true, 3, ['day 1', 'week 1', 'all 1']]])
  })

  await t.test('what is sent again at once is a duplicate, and names of any letters fit the queue', async () => {
    const one = [event('twice', 'dora', 9)]
    assert.deepEqual([(await sendEvents(baseUrl, 'quest', one)).body, (await sendEvents(baseUrl, 'quest', one)).body], [{ accepted: 1, duplicates: 0 }, { accepted: 0, duplicates: 1 }])
    const long = Array.from({ length: 1000 }, (_, index) => event(`${'語'.repeat(60)}${index}`, '語'.repeat(64), 1))
    assert.deepEqual((await sendEvents(baseUrl, 'quest', long)).body, { accepted: 1000, duplicates: 0 })
    await until('they count', async () => (await board(baseUrl, 'quest', 'limit=100')).some(({ player, score }) => player === '語'.repeat(64) && score === 1000))
  })

  await t.test('a score that the rules refuse is named by its line, and nothing of its body counts', async () => {
    const { status, body } = await sendEvents(baseUrl, 'taps', [event('t1', 'eve', 40), event('t2', 'eve', 4000)])
    assert.deepEqual([status, body.error.code], [422, 'impossible_score'])
    assert.match(body.error.message, /^line 2: value: taps has whole scores of 0–100 taps, found 4000$/)
    await sendEvents(baseUrl, 'taps', [event('t3', 'bob', 7)])
    await until('the next one counts', async () => (await board(baseUrl, 'taps')).length > 0)
    assert.deepEqual((await board(baseUrl, 'taps')).map(({ player }) => player), ['bob'])
  })

  await t.test('what is wrong is named', async () => {
    const cases = [
      ['/games/chess/leaderboard', 404, /no game "chess"; expected one of taps/], ['/games/taps/leaderboard?window=year', 400, /^window: /], ['/games/taps/leaderboard?limit=0', 400, /^limit: /],
      ['/games/taps/leaderboard?around=nobody', 404, /^around: "nobody" has no score/], ['/players/nobody', 404, /nobody of this name/], ['/games/toString/leaderboard', 404, /no game/],
    ] as const
    for (const [path, status, words] of cases) {
      const answer = await fetch(baseUrl + path)
      const { error } = (await answer.json()) as { error: { message: string } }
      assert.equal(answer.status, status, path)
      assert.match(error.message, words)
    }
    assert.equal((await sendEvents(baseUrl, 'taps', [])).status, 400)
    assert.equal((await sendEvents(baseUrl, 'taps', Array.from({ length: 1001 }, (_, index) => event(`m${index}`, 'max', 1)))).status, 400)
  })

  await t.test('a thousand events in one body all count', async () => {
    const { status, body } = await sendEvents(baseUrl, 'quest', Array.from({ length: 1000 }, (_, index) => event(`k${index}`, 'kilo', 1)))
    assert.deepEqual([status, body], [202, { accepted: 1000, duplicates: 0 }])
    await until('they are on the board', async () => (await board(baseUrl, 'quest', 'limit=100')).some(({ player, score }) => player === 'kilo' && score === 1000))
  })
}
