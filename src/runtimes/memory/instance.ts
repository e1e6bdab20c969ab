import type { FunctionHandlers } from '../../contract/function.ts'
import type { BatchHead, Invocation, QueueEvent, ResponseHead } from '../../contract/invocation.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Delivered, Exit, FunctionCode, Instance, Instances, Report } from '../../ports/instance.ts'

/** A function in this process: its handlers, and how its instances behave. */
export interface MemoryFunction {
  handlers: FunctionHandlers<Record<string, unknown>>
  config?: unknown
  /** What loading takes, by the clock. */
  initMs?: number
  /** Loading fails with this message. */
  loadError?: string
}

/** An instance whose life can be steered by hand. */
export interface MemoryInstance extends Instance {
  readonly code: FunctionCode
  memoryBytes: number
  cpuMs: number
  /** Ends it as if by itself. */
  die(exit: Exit): void
}

/** Instances without isolation, in this process: for tests and for trying functions. */
export interface MemoryInstances extends Instances {
  /** All that live, oldest first. */
  readonly alive: MemoryInstance[]
  /** How many were ever started. */
  readonly started: number
}

/** Makes instances of the functions given by name, or by name and revision (`name@revision`); everything takes no time but what the clock is told. */
export function memoryInstances(functions: Record<string, MemoryFunction>, clock: Clock): MemoryInstances {
  const alive: MemoryInstance[] = []
  let started = 0
  return {
    alive,
    get started() {
      return started
    },
    start(code) {
      const made = functions[`${code.name}@${code.revision}`] ?? functions[code.name]
      if (!made) throw new Error(`memory: there is no function ${code.name}`)
      let die!: (exit: Exit) => void
      const exited = new Promise<Exit>((resolve) => (die = resolve))
      const instance: MemoryInstance = {
        id: `memory-${++started}`,
        pid: null,
        code,
        memoryBytes: 0,
        cpuMs: 0,
        ready: Promise.resolve(),
        loaded: clock.wait(made.initMs ?? 0).then(() => {
          if (made.loadError !== undefined) throw new Error(made.loadError)
          const handlers = (['fetch', 'scheduled', 'queue'] as const).filter((name) => made.handlers[name])
          return { initMs: made.initMs ?? 0, handlers, config: made.config }
        }),
        exited,
        onPulse() {},
        onTainted() {},
        deliver(invocation, delivered) {
          const abort = new AbortController()
          void run(made, invocation, code, abort.signal, delivered)
          return (reason) => abort.abort(new DOMException(reason, 'AbortError'))
        },
        vitals: () => ({ memoryBytes: instance.memoryBytes, cpuMs: instance.cpuMs }),
        peakMemoryBytes: () => instance.memoryBytes,
        kill: () => instance.die({ cause: 'exited', detail: 'killed' }),
        die(exit) {
          const at = alive.indexOf(instance)
          if (at >= 0) alive.splice(at, 1)
          die(exit)
        },
      }
      instance.loaded.catch(() => {})
      alive.push(instance)
      return instance
    },
    async close() {
      for (const instance of [...alive]) instance.kill()
    },
  }
}

async function run({ handlers }: MemoryFunction, { event }: Invocation, code: FunctionCode, signal: AbortSignal, delivered: Delivered) {
  const waits: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => void waits.push(work), passThroughOnException() {}, props: {} }
  const report: Report = { outcome: 'ok', cpuMs: 0 }
  try {
    if (event.type === 'scheduled') {
      let noRetry = false
      const controller = { cron: event.cron, scheduledTime: event.scheduledTime, noRetry: () => void (noRetry = true) }
      await handlers.scheduled!(controller, code.bindings, context as never)
      delivered.onHead({ type: 'tick', noRetry })
    } else if (event.type === 'queue') {
      const { batch, head } = toBatch(event)
      try {
        await handlers.queue!(batch as never, code.bindings, context as never)
      } finally {
        delivered.onHead(head())
      }
    } else {
      const headers: [string, string][] = []
      for (let i = 0; i + 1 < event.headers.length; i += 2) headers.push([event.headers[i]!, event.headers[i + 1]!])
      const body = event.method === 'GET' || event.method === 'HEAD' ? null : event.body
      const request = new Request(event.url, { method: event.method, headers, body, signal, ...(body ? { duplex: 'half' } : {}) } as RequestInit)
      const response = (await handlers.fetch!(request as never, code.bindings, context as never)) as unknown as Response
      const head: ResponseHead = {
        type: 'response',
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers].flat(),
        body: response.body && new Uint8Array(await response.arrayBuffer()),
      }
      delivered.onHead(head)
    }
    await Promise.allSettled(waits)
  } catch (error) {
    report.outcome = 'exception'
    report.detail = String(error)
    delivered.onHead({ type: 'failure', code: 'exception', detail: String(error) })
  }
  delivered.onSettled(report)
}

/** A batch as a handler sees it, and what was said of its messages so far. */
function toBatch({ queue, messages, backlog }: QueueEvent): { batch: unknown; head(): BatchHead } {
  const said = new Map<string, { delay?: number } | 'ack'>()
  let rest: BatchHead['rest']
  const after = (options?: { delaySeconds?: number }) => (options?.delaySeconds === undefined ? {} : { delay: options.delaySeconds })
  const say = (id: string, what: { delay?: number } | 'ack') => void (said.has(id) || said.set(id, what))
  const batch = {
    queue,
    metadata: { metrics: { backlogCount: backlog?.messages ?? 0, backlogBytes: backlog?.bytes ?? 0 } },
    messages: messages.map(({ id, timestamp, attempts, contentType, body }) => {
      const text = () => new TextDecoder().decode(body)
      return {
        id,
        timestamp: new Date(timestamp),
        attempts,
        body: contentType === 'json' ? (JSON.parse(text()) as unknown) : contentType === 'text' ? text() : body,
        ack: () => say(id, 'ack'),
        retry: (options?: { delaySeconds?: number }) => say(id, after(options)),
      }
    }),
    ackAll: () => void (rest ??= { kind: 'ack' }),
    retryAll: (options?: { delaySeconds?: number }) => void (rest ??= { kind: 'retry', ...after(options) }),
  }
  const head = (): BatchHead => ({
    type: 'batch',
    acks: [...said].flatMap(([id, what]) => (what === 'ack' ? [id] : [])),
    retries: [...said].flatMap(([id, what]) => (what === 'ack' ? [] : [{ id, ...what }])),
    ...(rest ? { rest } : {}),
  })
  return { batch, head }
}
