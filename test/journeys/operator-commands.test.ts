import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { BillRow, BillSums, InvocationRecord } from '../../src/admin/ledger-routes.ts'
import type { InvoiceView } from '../../src/host/invoice.ts'
import type { KeptLine } from '../../src/ports/log.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'pressroom-commands-'))
const functions = join(folder, 'functions')
let host: HostProcess

before(async () => {
  mkdirSync(functions, { recursive: true })
  writeFileSync(join(functions, 'hello.mjs'), `
    export const config = { memory: 256 }
    export default { fetch(request) { console.warn('said ' + new URL(request.url).search); return new Response('hello') } }`)
  writeFileSync(join(functions, 'fails.mjs'), `export default { fetch() { throw new Error('no edition today') } }`)
  host = await startHost({ functions, data: join(folder, 'data') })
})
after(async () => {
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command that must succeed and answers its output. */
async function run(...args: string[]): Promise<string> {
  const { exited, lines } = runCommand(args, { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
  assert.equal(await exited, 0, lines.join('\n'))
  return lines.join('\n')
}
const json = async <T>(...args: string[]) => JSON.parse(await run(...args, '--json')) as T
const call = async (path: string) => (await fetch(host.url + path)).text()

test('what was called is listed, billed and invoiced, and the figures agree', async () => {
  for (let n = 0; n < 4; n++) await call(`/hello?n=${n}`)
  await call('/fails')
  const { invocations } = await until('five records', async () => {
    const page = await json<{ invocations: InvocationRecord[] }>('invocations')
    return page.invocations.length === 5 && page
  })
  assert.equal(invocations[0]?.outcome, 'exception')
  const { rows, total } = await json<{ rows: BillRow[]; total: BillSums }>('bill')
  assert.deepEqual(rows.map(({ key, invocations: count, errors }) => [key, count, errors]), [['fails', 1, 1], ['hello', 4, 0]])
  assert.equal(total.billed_ms, invocations.reduce((sum, one) => sum + one.billed_ms, 0))
  assert.ok(Math.abs(total.cost_usd - invocations.reduce((sum, one) => sum + one.cost_usd, 0)) < 1e-12)

  // A month's end may lie between the calls.
  const months = [...new Set(invocations.map(({ at }) => at.slice(0, 7)))]
  const invoices = await Promise.all(months.map((month) => json<InvoiceView>('bill', '--invoice', '--month', month, '--memory', '128,256')))
  assert.equal(invoices.reduce((sum, { measured }) => sum + measured.requests, 0), 5)
  assert.equal(invoices.reduce((sum, { measured }) => sum + measured.billed_ms, 0), total.billed_ms)
  const [x86, , cloudflare] = invoices[0]!.plans
  assert.deepEqual([x86?.total_usd, cloudflare?.total_usd], [0, 5])
  assert.ok(x86!.memory!.functions.every(({ peak_mb: peak }) => peak === null || peak > 1))
  assert.match(await run('bill', '--invoice', '--plan', 'aws-arm'), /^total +\$0$/m)
})

test('the log can be read back: what a function said, why it failed, and the end of each call', async () => {
  await call('/hello?read=back')
  const { lines } = await until('the lines of the last call', async () => {
    const answer = await json<{ lines: KeptLine[] }>('logs', '--function', 'hello', '--limit', '2')
    return answer.lines[0]?.message === 'said ?read=back' && answer.lines[1]?.message === 'REPORT' && answer
  })
  const last = await until('the record of the last call', async () => {
    const { invocations: [one] } = await json<{ invocations: InvocationRecord[] }>('invocations', '--function', 'hello', '--limit', '1')
    return one?.id === lines[1]?.['invocation'] && one
  })
  assert.equal(lines[1]?.['billed_ms'], last.billed_ms)
  assert.match(await run('logs', '--invocation', last.id), / warn {2}hello \S+ said \?read=back\n.* REPORT outcome=ok /)
  assert.match(await run('logs', '--level', 'error'), /exception: Error: no edition today/)
  assert.match(await run('logs'), /serving 2 functions at/)
})

test('following prints what comes', async () => {
  const { child, line, exited } = runCommand(['logs', '--function', 'hello', '--follow'], { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
  await line((text) => text.includes('REPORT'))
  await call('/hello?followed')
  await line((text) => text.includes('said ?followed'))
  child.kill('SIGTERM')
  await exited
})

test('every command has help, and what is wrong ends with 1', async () => {
  for (const name of ['bill', 'invocations', 'logs']) assert.match(await run(name, '--help'), new RegExp(`^Usage: pressroom ${name} `))
  for (const [args, expected] of [
    [['bill', '--plan', 'all'], /^pressroom: --plan needs --invoice$/m],
    [['bill', '--invoice', '--plan', 'gcp'], /plan: expected one of aws-x86, aws-arm, cloudflare-paid, all, found "gcp"/],
    [['bill', '--from', 'noon'], /from: expected a day such as/],
    [['logs', '--level', 'loud'], /Allowed choices are debug, info, warn, error/],
    [['invocations', '--limit', '1001'], /limit: expected a whole number from 1 to 1000/],
  ] as const) {
    const { exited, lines } = runCommand([...args], { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
    assert.deepEqual([args, await exited], [args, 1])
    assert.match(lines.join('\n'), expected)
  }
})
