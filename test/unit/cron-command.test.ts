import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Command } from 'commander'
import { cronNext, cronTable, registerCron } from '../../src/cli/commands/cron.ts'

/** A server that answers GET /schedules, with what it was sent. */
async function admin(status: number, body: unknown): Promise<{ url: string; asked: string[]; server: Server }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}

test('cron next explains an expression and tells its next ticks in UTC and on the wall', () => {
  const [explanation, ...ticks] = cronNext('0 9 * * 2-6', { timeZone: 'Europe/Berlin', dialect: 'cloudflare', count: 3, json: false }).split('\n')
  assert.equal(explanation, 'At 09:00 on Monday to Friday (Europe/Berlin)')
  assert.equal(ticks.length, 3)
  for (const tick of ticks) assert.match(tick, /^ {2}\d{4}-\d\d-\d\dT0[78]:00:00\.000Z {2}(Mon|Tue|Wed|Thu|Fri) \d{4}-\d\d-\d\d 09:00 Europe\/Berlin$/)
})

test('cron next prints JSON where asked, options on either side', async () => {
  const program = new Command().exitOverride()
  registerCron(program)
  let printed = ''
  const write = process.stdout.write
  process.stdout.write = (text: string | Uint8Array): boolean => {
    printed += String(text)
    return true
  }
  try {
    await program.parseAsync(['cron', 'next', '0 9 * * 1-5', '--dialect', 'unix', '--count', '2', '--json'], { from: 'user' })
  } finally {
    process.stdout.write = write
  }
  const preview = JSON.parse(printed) as { next: string[]; explanation: string; dialect: string }
  assert.equal(preview.next.length, 2)
  assert.equal(preview.dialect, 'unix')
  assert.equal(preview.explanation, 'At 09:00 on Monday to Friday (UTC)')
})

test('cron next refuses a bad expression, dialect or count', async () => {
  const next = async (...rest: string[]): Promise<void> => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
    registerCron(program)
    for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
      command.exitOverride().configureOutput({ writeErr: () => {} })
    }
    await program.parseAsync(['cron', 'next', ...rest], { from: 'user' })
  }
  await assert.rejects(next('0 0 * * 0'), { code: 'bad_config' })
  await assert.rejects(next('0 0 * * *', '--dialect', 'quartz'), { code: 'commander.invalidArgument' })
  await assert.rejects(next('0 0 * * *', '--count', '0'), { code: 'commander.invalidArgument' })
})

test('cron prints what the host schedules, a line each', async (t) => {
  const { url, asked, server } = await admin(200, {
    schedules: [
      { function: 'ingest', cron: '*/5 * * * *', time_zone: 'UTC', dialect: 'cloudflare', next: ['2026-11-23T00:05:00.000Z'], last: null },
      {
        function: 'digest', cron: '0 9 * * MON', time_zone: 'Europe/Berlin', dialect: 'cloudflare', next: ['2026-11-30T08:00:00.000Z'],
        last: { time: '2026-11-23T08:00:00.000Z', outcome: 'ok', invocation: 'i1' },
      },
    ],
  })
  t.after(() => server.close())
  assert.equal(await cronTable({ PRESSROOM_ADMIN_URL: url, PRESSROOM_ADMIN_TOKEN: 'secret' }, false), [
    'FUNCTION  CRON         TIME ZONE      NEXT                      LAST                      OUTCOME',
    'ingest    */5 * * * *  UTC            2026-11-23T00:05:00.000Z  -                         -',
    'digest    0 9 * * MON  Europe/Berlin  2026-11-30T08:00:00.000Z  2026-11-23T08:00:00.000Z  ok',
  ].join('\n'))
  assert.deepEqual(asked, ['GET /schedules Bearer secret'])
})

test('cron says what to do when the host refuses, is something else, or is not there', async (t) => {
  const locked = await admin(401, { error: { code: 'unauthorized', message: 'a valid token is needed' } })
  const other = await admin(200, { hello: 'world' })
  t.after(() => [locked, other].forEach(({ server }) => server.close()))
  await assert.rejects(cronTable({ PRESSROOM_ADMIN_URL: locked.url }, false), { code: 'bad_option', message: /set PRESSROOM_ADMIN_TOKEN/ })
  await assert.rejects(cronTable({ PRESSROOM_ADMIN_URL: other.url }, false), { code: 'bad_option', message: /admin port/ })
  await assert.rejects(cronTable({ PRESSROOM_ADMIN_URL: 'http://127.0.0.1:1' }, false), { code: 'bad_option', message: /no host answers/ })
  await assert.rejects(cronTable({ PRESSROOM_ADMIN_URL: 'nonsense' }, false), { code: 'bad_option', message: /expected a URL/ })
})
