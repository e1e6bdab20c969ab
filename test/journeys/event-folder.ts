import type { InvokeAnswer } from '../../src/admin/invoke-routes.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { runCommand, type HostProcess } from './host-process.ts'

/** A function that does what the body, tick or message asks of it. */
const WORKER = `
async function act(what, request) {
  console.log('acts', what)
  if (what === 'throw') throw new Error('told to')
  if (what === 'exit') process.exit(3)
  if (what === 'hang') await new Promise(() => {})
  if (what === 'slow') await new Promise((resolve) => setTimeout(resolve, 200))
  if (what === 'allowed' && request.headers.get('authorization') !== 'Bearer right') throw new Error('not allowed')
  return what
}
export default {
  async fetch(request) {
    const { method, url, headers } = request
    const text = await request.text()
    const [what, size] = text.split(' ')
    await act(what, request)
    if (what === 'large') return new Response('x'.repeat(Number(size)))
    if (what === 'bytes') return new Response(new Uint8Array([0, 255, 254]))
    if (what === 'log') for (let n = 0; n < 200; n++) console.log('line', n, 'ü'.repeat(40))
    return Response.json({ method, url, one: headers.get('x-one'), text: text.slice(0, 100), length: text.length }, { status: what === '500' ? 500 : 200 })
  },
  async scheduled({ cron, scheduledTime }) { await act(cron + ' at ' + new Date(scheduledTime).toISOString()) },
  async queue(batch) {
    for (const message of batch.messages) {
      await act(typeof message.body === 'object' ? message.body.act : message.body)
      if (message.body.act === 'again') message.retry({ delaySeconds: 5 })
      else message.ack()
    }
  },
}`

/** Makes a folder with the function `worker`, configured as said. */
export function makeEventFolder(config: object = {}): FunctionFolder {
  const folder = makeFunctionFolder()
  folder.write('worker.mjs', `${WORKER}\nexport const config = ${JSON.stringify(config)}\n`)
  return folder
}

/** Hands an event in; answers status and body. */
export async function handIn<T = InvokeAnswer>(host: HostProcess, path: string, event: unknown, headers: Record<string, string> = {}): Promise<{ status: number; answer: T }> {
  const response = await fetch(host.adminUrl + path, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof event === 'string' ? event : JSON.stringify(event),
  })
  return { status: response.status, answer: (await response.json()) as T }
}

/** Runs a command against a host; answers its exit code and all it wrote. */
export async function command(host: HostProcess, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const { exited, lines } = runCommand(args, { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
  return { code: await exited, text: lines.join('\n') }
}

/** A record of the ledger, as far as these journeys look. */
export interface Recorded {
  id: string
  function: string
  trigger: string
  outcome: string
  status: number | null
  billed_ms: number
  trace_id: string
  revision: string
}

/** The ledger's records, newest first. */
export async function recorded(host: HostProcess): Promise<Recorded[]> {
  return (await host.admin<{ invocations: Recorded[] }>('/invocations?limit=1000')).invocations
}
