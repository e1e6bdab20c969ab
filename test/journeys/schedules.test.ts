import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { ScheduleView } from '../../src/host/operator.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let folder: FunctionFolder
let host: HostProcess
before(async () => {
  folder = makeFunctionFolder('functions/tick', 'functions/tick-throws', 'functions/hello')
  folder.write('at-start.ts', `
    export const config = { schedules: [{ cron: '0 0 1 1 *', timeZone: 'Europe/Vienna', atStart: true }] }
    let ticks = 0
    export default { fetch: () => Response.json({ ticks }), scheduled() { ticks++ } }
  `)
  folder.write('leap.ts', "export const config = { schedules: ['0 0 29 2 *'] }\nexport default { scheduled() {} }\n")
  host = await startHost(folder)
})
after(async () => {
  assert.equal(await host.stop(), 0)
  folder[Symbol.dispose]()
})

const schedule = async (of: HostProcess, name: string): Promise<ScheduleView> => {
  const { schedules } = await of.admin<{ schedules: ScheduleView[] }>('/schedules')
  return schedules.find((one) => one.function === name)!
}
async function fire(body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${host.adminUrl}/schedules/fire`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { status: answer.status, json: await answer.json() }
}
const code = ({ json }: { json: unknown }) => (json as ErrorBody).error.code

void suite('schedules', () => {
  test('a schedule with atStart ticks once when the host starts', async () => {
    const { last } = await until('its tick', async () => {
      const found = await schedule(host, 'at-start')
      return found.last !== null && found
    })
    assert.equal(last!.outcome, 'ok')
    assert.match(last!.time, ISO)
    assert.deepEqual(await (await fetch(`${host.url}/at-start`)).json(), { ticks: 1 })
    assert.equal((await schedule(host, 'tick-throws')).last, null, 'one without does not')
  })

  test('GET /schedules tells every schedule with its next ten ticks in UTC', async () => {
    const { schedules } = await host.admin<{ schedules: ScheduleView[] }>('/schedules')
    assert.deepEqual(schedules.map(({ function: name, cron, time_zone, dialect }) => [name, cron, time_zone, dialect]), [
      ['at-start', '0 0 1 1 *', 'Europe/Vienna', 'cloudflare'],
      ['leap', '0 0 29 2 *', 'UTC', 'cloudflare'],
      ['tick', '*/5 * * * *', 'UTC', 'cloudflare'],
      ['tick-throws', '0 * * * *', 'UTC', 'cloudflare'],
    ])
    for (const one of schedules) {
      assert.deepEqual(Object.keys(one).sort(), ['cron', 'dialect', 'function', 'last', 'next', 'time_zone'])
      assert.equal(one.next.length, 10)
      for (const time of one.next) assert.match(time, ISO)
      assert.deepEqual(one.next, one.next.toSorted())
    }
    for (const time of (await schedule(host, 'tick')).next) assert.equal(Date.parse(time) % 300_000, 0)
    for (const time of (await schedule(host, 'at-start')).next) assert.match(time, /-12-31T23:00:00\.000Z$/, 'midnight in Vienna')
  })

  test('firing runs the tick at the time it names, and answers invocation and outcome', async () => {
    const time = '2026-01-02T03:05:00.000Z'
    const { status, json } = await fire({ function: 'tick', cron: '*/5 * * * *', time })
    assert.equal(status, 200)
    const { invocation, outcome } = json as { invocation: string; outcome: string }
    assert.equal(outcome, 'ok')
    const ticks = (await (await fetch(`${host.url}/tick`)).json()) as unknown[]
    assert.ok(ticks.some((tick) => isDeepStrictEqual(tick, { cron: '*/5 * * * *', scheduledTime: Date.parse(time) })), JSON.stringify(ticks))
    await host.line((line) => line.startsWith('REPORT') && line.includes(invocation) && line.includes('Outcome: ok'))
    await host.line((line) => line.includes(`tick */5 * * * * of ${time}`) && line.includes(invocation))
  })

  test('a tick that throws has the outcome exception, is remembered, and the next one runs', async () => {
    for (const minute of ['00', '01']) {
      const time = `2026-01-02T03:${minute}:00.000Z`
      const { status, json } = await fire({ function: 'tick-throws', cron: '0 * * * *', time })
      assert.equal(status, 200)
      assert.equal((json as { outcome: string }).outcome, 'exception')
      const { invocation } = json as { invocation: string }
      assert.deepEqual((await schedule(host, 'tick-throws')).last, { time, outcome: 'exception', invocation })
    }
    assert.ok(host.lines.some((line) => line.includes('this tick failed')), 'the log tells why')
  })

  test('what does not exist is 404, what is malformed 400, what is not JSON 415', async () => {
    const wrongCron = await fire({ function: 'tick', cron: '1 2 3 4 *' })
    assert.deepEqual([wrongCron.status, code(wrongCron)], [404, 'not_found'])
    assert.equal((await fire({ function: 'nobody', cron: '*/5 * * * *' })).status, 404)
    assert.equal((await fire({ function: 'hello', cron: '*/5 * * * *' })).status, 404)
    for (const body of ['{', '[]', '{"function":"tick"}', { function: 'tick', cron: '*/5 * * * *', time: 'soon' }]) {
      const answer = await fire(body)
      assert.deepEqual([answer.status, code(answer)], [400, 'bad_request'], JSON.stringify(body))
    }
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }]) {
      const answer = await fire({ function: 'tick', cron: '*/5 * * * *' }, headers)
      assert.deepEqual([answer.status, code(answer)], [415, 'unsupported_media_type'])
    }
  })

  test('a foreign Host is refused with 421, whatever it asks', async () => {
    const { hostname, port } = new URL(host.adminUrl)
    for (const line of ['GET /functions', 'GET /healthz', 'POST /schedules/fire']) {
      const socket = connect(Number(port), hostname).setEncoding('utf8')
      let heard = ''
      socket.on('data', (part: string) => (heard += part))
      socket.write(`${line} HTTP/1.1\r\nhost: rebound.example:${port}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
      await once(socket, 'close')
      assert.match(heard, /^HTTP\/1\.1 421 /, line)
      assert.match(heard, /"code":"wrong_host"/)
    }
  })

  test('after a restart the last tick is remembered, and of the missed ones only the latest runs', async () => {
    const { json } = await fire({ function: 'leap', cron: '0 0 29 2 *' })
    const { last } = await schedule(host, 'leap')
    assert.equal(last?.invocation, (json as { invocation: string }).invocation)
    assert.equal(await host.stop(), 0)
    const stopped = Date.now()
    host = await startHost(folder)
    assert.deepEqual((await schedule(host, 'leap')).last, last, 'nothing was missed: nothing runs')
    // The tick fired above has the latest time ever claimed for this one: everything since January was missed.
    const ticks = await until('the missed tick', async () => {
      const found = (await (await fetch(`${host.url}/tick`)).json()) as { scheduledTime: number }[]
      return found.length > 0 && found
    })
    const every = 300_000
    const latest = Math.floor(stopped / every) * every
    assert.ok(ticks[0]!.scheduledTime >= latest, `${new Date(ticks[0]!.scheduledTime).toISOString()} is not the latest`)
    assert.ok(ticks.length <= 1 + (Date.now() - latest) / every, `${ticks.length} ticks ran`)
  })
})
