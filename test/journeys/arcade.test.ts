import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { board, runArcade, sendEvents, type Entry } from '../suites/arcade.suite.ts'
import { watch, type EventStream } from './event-stream.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'

const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const KILLS = long ? 20 : 2
const WATCHERS = long ? 2000 : 200
const root = join(import.meta.dirname, '../..')
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)

interface Span { name: string; kind: string; span_id: string; parent_span_id: string; attributes: Record<string, unknown> }
interface News { events: { player: string; type: string; score?: number }[]; left_out?: number }

interface Instances { functions: { name: string; instances: { pid: number; in_flight: number }[] }[] }

async function instancesOf(host: HostProcess, name: string): Promise<Instances['functions'][number]['instances']> {
  return (await host.admin<Instances>('/functions')).functions.find((one) => one.name === name)?.instances ?? []
}

async function busyAt(host: HostProcess, name: string): Promise<number | undefined> {
  return (await instancesOf(host, name)).find(({ in_flight: calls }) => calls > 0)?.pid
}

/** Calls of `arcade` that ended so, the newest first. */
async function ended(host: HostProcess, outcome: string): Promise<{ at: string; billed_ms: number; trace_id: string }[]> {
  return (await host.admin<{ invocations: Awaited<ReturnType<typeof ended>> }>(`/invocations?function=arcade&outcome=${outcome}&limit=1000`)).invocations
}

const start = (how: Partial<Parameters<typeof startHost>[0]> = {}): Promise<HostProcess> => startHost({ functions: 'functions', ...how, env: { SOURCES: '', ...how.env } })
const score = (id: string, player: string, value: number) => ({ id, player, type: 'score', value })

test('the arcade on Node', { timeout: 180_000 }, async (t) => {
  await using host = await start()
  await runArcade(t, host.url)

  await t.test('sending and counting are billed, and of one trace', async () => {
    const traceId = 'bbcdef0123456789abcdef0123456789'
    await sendEvents(host.url, 'quest', [score('traced', 'tracy', 5)], { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
    const records = await until('both records', async () => {
      const { invocations } = await host.admin<{ invocations: { function: string; trigger: string; outcome: string; trace_id: string; billed_ms: number; memory_mb: number }[] }>('/invocations?limit=100')
      const own = invocations.filter(({ trace_id: id }) => id === traceId)
      return own.length >= 2 && own
    })
    const told = records.map(({ function: name, trigger, outcome, memory_mb: memory, billed_ms: billed }) => [name, trigger, outcome, memory, billed >= 1]).toSorted(([a], [b]) => String(a).localeCompare(String(b)))
    assert.deepEqual(told, [['arcade', 'pubsub', 'ok', 256, true], ['games', 'http', 'ok', 128, true]])
    const spans = await until('both spans', async () => {
      const { spans: found = [] } = await host.admin<{ spans?: Span[] }>(`/traces/${traceId}`)
      return found.some(({ name }) => name === 'arcade') && found
    })
    const counted = spans.find(({ name, attributes }) => name === 'arcade' && attributes['faas.trigger'] === 'pubsub')!
    assert.ok(spans.some(({ span_id: id, attributes }) => id === counted.parent_span_id && attributes['faas.trigger'] === 'http'))
  })

  await t.test('the README, step by step', async () => {
    const [, section = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('\n## Arcade\n')
    const [, steps] = /^```sh\n([\s\S]*?)^```/m.exec(section)!
    await using fresh = await start()
    const child = runCommand(['-c', `set -e\n${steps!.replaceAll('http://127.0.0.1:8787', fresh.url)}`], { program: ['bash'] })
    const late = setTimeout(() => child.child.kill('SIGKILL'), 60_000)
    assert.equal(await child.exited, 0, child.lines.join('\n'))
    clearTimeout(late)
    const said = child.lines.join('\n')
    assert.match(said, /"accepted":3,"duplicates":1/)
    const around = JSON.parse(/\{"game".*?\]\}/.exec(said)![0]) as { entries: Entry[] }
    assert.deepEqual(around.entries.map(({ rank, player, score: points }) => [rank, player, points]), [[1, 'bob', 300], [2, 'ada', 120]])
    assert.match(said, /event: board/)
  })
})

test('with ARCADE_KEY set only who shows it sends events; anybody reads', { timeout: 60_000 }, async () => {
  await using host = await start({ env: { ARCADE_KEY: 'of this test' } })
  for (const headers of [{}, { authorization: 'Bearer of another' }]) assert.equal((await sendEvents(host.url, 'taps', [score('1', 'ada', 5)], headers)).body.error.code, 'unauthorized')
  assert.equal((await sendEvents(host.url, 'taps', [score('1', 'ada', 5)], { authorization: 'Bearer of this test' })).status, 202)
  await until('it counts', async () => (await board(host.url, 'taps')).length === 1)
})

test('who watches is told what happens and the board; who comes again is told what it missed', { timeout: 120_000 }, async () => {
  await using host = await start()
  const address = `${host.url}/games/quest/live`
  const first = await watch(address)
  await until('the board', () => first.messages.length > 0)
  assert.deepEqual([first.status, first.messages[0]!.event], [200, 'board'])
  await sendEvents(host.url, 'quest', [score('1', 'ada', 10), score('2', 'bob', 20)])
  await until('the news and the board of it', () => first.messages.some(({ event, data }) => event === 'board' && (data as { entries: Entry[] }).entries.length === 2))
  const news = first.messages.filter(({ event }) => event === 'events').flatMap(({ data }) => (data as News).events)
  assert.deepEqual(news.map(({ player, type, score: points }) => [player, type, points]), [['ada', 'score', 10], ['bob', 'score', 20]])
  const { id } = first.messages.at(-1)!
  first.leave()
  await first.ended
  // While nobody watches.
  await sendEvents(host.url, 'quest', [score('3', 'cleo', 30)])
  await sendEvents(host.url, 'taps', [score('3', 'cleo', 30)])
  await until('it counts', async () => (await board(host.url, 'quest')).length === 3)
  const again = await watch(address, id)
  const newsOf = ({ messages }: EventStream) => messages.filter(({ event }) => event === 'events').map(({ data }) => data as News)
  await until('what was missed, and the board', () => again.messages.some(({ event, data }) => event === 'board' && (data as { entries: Entry[] }).entries.length === 3))
  assert.deepEqual(newsOf(again).flatMap(({ events }) => events.map(({ player }) => player)), ['cleo'], 'once, and of this game alone')
  again.leave()
  const many = await watch(address)
  await until('the board', () => many.messages.length > 0)
  many.leave()
  await sendEvents(host.url, 'quest', Array.from({ length: 300 }, (_, index) => score(`m${index}`, 'max', 1)))
  await until('all count', async () => (await board(host.url, 'quest')).some(({ player, score: points }) => player === 'max' && points === 300))
  const late = await watch(address, many.messages[0]!.id)
  const told = () => newsOf(late).reduce((sum, { events, left_out: leftOut = 0 }) => sum + events.length + leftOut, 0)
  await until('the newest of what was missed', () => told() >= 300)
  assert.equal(told(), 300)
  assert.ok(newsOf(late).every(({ events }) => events.length <= 100))
  late.leave()
  const wrong = await fetch(address, { headers: { 'last-event-id': 'x' } })
  assert.deepEqual([wrong.status, ((await wrong.json()) as { error: { code: string } }).error.code], [400, 'bad_request'])
  assert.equal((await fetch(`${host.url}/games/chess/live`)).status, 404)
})

test(`${WATCHERS} watch at once: each is told of each event once, and all together cost the time of one`, { timeout: 300_000 }, async () => {
  await using host = await start()
  const began = performance.now()
  const address = `${host.url}/games/quest/live`
  const watchers: EventStream[] = []
  for (let begun = 0; begun < WATCHERS; begun += 100) watchers.push(...(await Promise.all(Array.from({ length: Math.min(100, WATCHERS - begun) }, () => watch(address)))))
  assert.deepEqual([...new Set(watchers.map(({ status }) => status))], [200])
  await until('all have the board', () => watchers.every(({ messages }) => messages.length > 0), 120_000)
  const instances = await instancesOf(host, 'live')
  // A second one where the first was busy.
  assert.ok(instances.length <= 2, `${instances.length} instances`)
  assert.equal(instances.reduce((sum, { in_flight: calls }) => sum + calls, 0), WATCHERS)
  for (let index = 0; index < 5; index++) {
    await sendEvents(host.url, 'quest', [score(`e${index}`, `p${index}`, 10 + index)])
    await until('it counts', async () => (await board(host.url, 'quest')).length === index + 1)
  }
  const heard = (messages: readonly { event: string; data: unknown }[]) => messages.filter(({ event }) => event === 'events').flatMap(({ data }) => (data as News).events.map(({ player }) => player))
  await until('all have heard of all', () => watchers.every(({ messages }) => heard(messages).length >= 5), 120_000)
  for (const { messages } of watchers) assert.deepEqual(heard(messages), ['p0', 'p1', 'p2', 'p3', 'p4'])
  for (const { leave } of watchers) leave()
  await until('nobody watches', async () => (await instancesOf(host, 'live')).every(({ in_flight: calls }) => calls === 0), 60_000)
  const { total } = await until('all are in the ledger', async () => {
    const bill = await host.admin<{ total: { invocations: number; errors: number; billed_ms: number } }>('/bill?function=live')
    return bill.total.invocations === WATCHERS && bill
  }, 60_000)
  assert.equal(total.errors, 0)
  // Those who share an instance share its time; each call is rounded up to the millisecond.
  const most = (performance.now() - began) * 2 + WATCHERS
  assert.ok(total.billed_ms <= most, `${total.billed_ms} ms billed, ${most} ms at most`)
})

test(`killed ${KILLS} times in the middle of a batch, instance and host in turn: no score is doubled, none that was accepted is lost (seed ${seed})`, { timeout: 900_000, skip: process.platform === 'linux' ? false : 'needs /proc' }, async () => {
  let sent = 0
  let lastDeath = ''
  const accepted = new Map<string, number>()
  /** Bodies of which nobody knows whether they were kept. */
  const unsure: { player: string }[][] = []
  let host = await start()
  const { data } = host
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      let going = true
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        while (going) {
          const player = `p${writer}`
          const events = Array.from({ length: 250 }, () => score(`${sent++}`, player, 1))
          const answer = await sendEvents(host.url, 'quest', events).catch(() => undefined)
          // Sent again later, as a player would.
          if (answer?.status === 202) accepted.set(player, (accepted.get(player) ?? 0) + events.length)
          else unsure.push(events)
        }
      })
      await new Promise((resolve) => setTimeout(resolve, 150 + ((seed + kill * 7919) % 400)))
      if (kill % 2 === 0) {
        const before = await ended(host, 'exited')
        const [died] = await until('a batch that ends with its instance', async () => {
          process.kill(await until('an instance of arcade that counts', () => busyAt(host, 'arcade')), 'SIGKILL')
          // It may have been through just before.
          await new Promise((resolve) => setTimeout(resolve, 300))
          const now = await ended(host, 'exited')
          return now.length > before.length && now
        }, 60_000)
        // It was delivered, so it is billed, and its span tells how it ended.
        assert.ok(died!.billed_ms >= 1)
        lastDeath = died!.at
        await until('its span', async () => {
          const { spans = [] } = await host.admin<{ spans?: Span[] }>(`/traces/${died!.trace_id}`)
          return spans.some(({ name, attributes }) => name === 'arcade' && attributes['faas.trigger'] === 'pubsub' && attributes['pressroom.outcome'] === 'exited')
        })
        going = false
        await Promise.all(writers)
      } else {
        await until('an instance of arcade that counts', () => busyAt(host, 'arcade'))
        host.child.kill('SIGKILL')
        await host.exited
        going = false
        await Promise.all(writers)
        host = await start({ data })
        assert.ok((await ended(host, 'exited')).length > 0, 'the ledger keeps what ended before')
      }
      for (const events of unsure.splice(0)) {
        const player = events[0]!.player
        assert.equal((await sendEvents(host.url, 'quest', events)).status, 202)
        accepted.set(player, (accepted.get(player) ?? 0) + events.length)
      }
    }
    const total = [...accepted.values()].reduce((sum, count) => sum + count, 0)
    assert.ok(total > 0)
    await until(`${total} events on the board`, async () => {
      const shown = await board(host.url, 'quest')
      const sum = shown.reduce((all, { score: points }) => all + points, 0)
      assert.ok(sum <= total, `${sum} of ${total}: something counted twice`)
      return sum === total
    }, 120_000)
    // Whatever died was handed over again and counted then.
    assert.ok((await ended(host, 'ok')).some(({ at }) => at > lastDeath))
    assert.deepEqual(new Map((await board(host.url, 'quest')).map(({ player, score: points }) => [player, points])), accepted)
  } finally {
    await host.stop()
  }
})
