/** The program of an instance: starts empty (a warm cell), is given a function, runs its invocations until the host ends it. */
import { randomFill } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { installOutbound, prepareOutbound } from '../outbound/guard.ts'
import { Flag, Kind, createFrameWriter, readFrames, type LoadHead } from '../wire/messages.ts'
import { createCalls } from '../bindings/host-calls.ts'
import { installConsole } from './console.ts'
import { current } from './current.ts'
import { createInvocations, type Handlers, type Invocations } from './invocations.ts'
import { installPlatform } from './platform/install.ts'
import { createPulse } from './pulse.ts'
import { toFailure } from './reply.ts'
import { installRequest } from './request.ts'
import { installResponse } from './response.ts'
import { seal } from './seal.ts'
import { installTelemetryApi } from './telemetry/api.ts'
import { createOutgoing } from './telemetry/outgoing.ts'
import { createRecorder } from './telemetry/recorder.ts'

const socket = new Socket({ fd: 3, readable: true, writable: true })
const wire = createFrameWriter(socket)
const log = installConsole((line) => wire.send(Kind.log, 0, 0, JSON.stringify(line)))
const recorder = createRecorder((json, dropped) => wire.send(Kind.spans, 0, dropped, json))
const outgoing = createOutgoing(recorder)
const calls = createCalls(wire)
let invocations: Invocations | undefined
const startPulse = createPulse(
  () => (invocations?.count ?? 0) > 0,
  (utilization, delayMs) => wire.send(Kind.pulse, 0, 0, JSON.stringify([utilization, delayMs])),
)

seal(new URL('../', import.meta.url).href)
installTelemetryApi(recorder)
// Ours, not the function's. The threads are as many as are asked for when the first of them is needed: so one is, now.
randomFill(Buffer.alloc(1), () => {})
delete process.env['NODE_COMPILE_CACHE']
delete process.env['UV_THREADPOOL_SIZE']
// Without the host nobody is served and nobody ends a loop: leave.
socket.on('close', () => process.exit(0))
socket.on('error', () => process.exit(0))
// Last words, written within this turn, leave too.
process.on('exit', () => wire.flush())

process.on('unhandledRejection', (reason) => {
  if (!invocations?.stray(reason)) log('error', `unhandled rejection: ${toFailure(reason).stack ?? toFailure(reason).detail}`)
})
process.on('uncaughtException', (error) => {
  const told = toFailure(error)
  if (!invocations?.stray(error)) log('error', `uncaught: ${told.stack ?? told.detail}`)
  // Nobody knows what state the throw left behind: finish what is in flight, then be replaced.
  wire.send(Kind.tainted, 0, 0, JSON.stringify(told.detail))
})

readFrames(socket, (kind, flags, slot, head, body) => {
  switch (kind) {
    case Kind.invoke:
      startPulse()
      return invocations!.invoke(slot, flags, head, body)
    case Kind.body:
      return invocations!.find(slot)?.upload?.push(body)
    case Kind.bodyEnd:
      return invocations!.find(slot)?.upload?.end()
    case Kind.credit:
      return invocations!.find(slot)?.reply.credit(Number(head))
    case Kind.abort:
      return invocations!.abort(slot, head as 'canceled' | 'timeout' | 'cpu_exceeded')
    case Kind.answered:
      return calls.answered(slot, flags, head, body)
    case Kind.load:
      return void load(JSON.parse(head) as LoadHead)
  }
}, (error) => {
  throw error
})

async function load({ file, bindings, outbound, allow, deny, timeoutMs }: LoadHead) {
  const started = performance.now()
  try {
    for (const [name, spec] of Object.entries(bindings)) {
      const value = (spec as { type: string; value?: unknown }).type === 'var' ? (spec as { value: unknown }).value : undefined
      if (typeof value === 'string') process.env[name] = value
    }
    // A function may wait for another as long as it may run itself.
    installOutbound({ mode: outbound, allow, deny, limits: { totalMs: Math.max(60_000, timeoutMs) }, context: () => current.getStore(), trace: outgoing })
    const env = Object.keys(bindings).length === 0 ? {} : (await import('../bindings/env.ts')).createEnv(bindings as never, calls.call)
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown; config?: unknown }
    const handlers = module.default as Handlers | undefined
    // Whatever is there under a handler's name is meant to be one: what is no function is told, not passed over.
    const names = (['fetch', 'scheduled', 'queue'] as const).filter((name) => handlers?.[name] !== undefined)
    if (!handlers || names.length === 0) {
      throw new TypeError('export default must be an object with fetch, scheduled or queue (or a Hono app)')
    }
    const odd = names.filter((name) => typeof handlers[name] !== 'function').map((name) => `${name}: expected a function, found ${inspect(handlers[name], { depth: 0 }).slice(0, 80)}`)
    if (odd.length > 0) throw new TypeError(`export default: ${odd.join('; ')}`)
    invocations = createInvocations(wire, handlers, env, log, recorder)
    const config = dataOnly(module.config)
    wire.send(Kind.loaded, 0, 0, JSON.stringify({ init: performance.now() - started, handlers: names, config }))
  } catch (error) {
    wire.send(Kind.loadFailed, 0, 0, JSON.stringify(toFailure(error)))
  }
  wire.flush()
}

/** The config as data; a function in it would vanish on the wire without a word. */
function dataOnly(config: unknown): unknown {
  try {
    return config === undefined ? undefined : (structuredClone(config) as unknown)
  } catch (error) {
    throw new TypeError(`config: expected data only, found what cannot be copied (${(error as Error).message})`)
  }
}

/** Walks the road once before anybody waits, so that a cell is warm: TypeScript loader, guard, streams, one invocation. */
async function touch() {
  await Promise.all([import('./touch.ts'), import('../bindings/env.ts')])
  installOutbound({ mode: 'public', allow: ['127.0.0.1:1', '10.0.0.0/8'], deny: ['localhost:1'] })
  prepareOutbound()
  installRequest()
  installResponse()
  installPlatform()
  const rehearsal = createInvocations({ send() {}, flush() {} }, { fetch: async (request) => new Response(await (request as Request).text()) }, {}, () => {})
  rehearsal.invoke(0, Flag.whole, JSON.stringify({ i: '', m: 'POST', u: 'http://cell/', h: ['host', 'cell'] }), new Uint8Array(1))
  await new Response(new Blob(['touched']).stream()).arrayBuffer()
  flushCompileCache()
}

touch().then(
  () => wire.send(Kind.ready, 0, 0, ''),
  () => process.exit(1),
)
