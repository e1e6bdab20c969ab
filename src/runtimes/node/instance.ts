import { randomUUID } from 'node:crypto'
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Invocation } from '../../contract/invocation.ts'
import type { Delivered, Exit, FunctionCode, Instance, Instances, Loaded } from '../../ports/instance.ts'
import { createExchange, type Exchange } from './wire/exchange.ts'
import { readCall, readLoadFailure, readLoaded, readLog, readPulse, readText } from './wire/heads.ts'
import { Flag, Kind, createFrameWriter, readFrames, type CallHead, type FrameWriter, type LogHead } from './wire/messages.ts'
import { createCells } from './process/cells.ts'
import { createRedact } from './secrets/redact.ts'
import { createProcReader, type ProcReader } from './process/proc.ts'

/** What the instances of one Node host share. */
export interface NodeInstancesOptions {
  warmCells: number
  readable: string[]
  compileCache: string
  /** Addresses that functions may reach although they are not public; denied ones win. */
  allowOutbound: string[]
  denyOutbound: string[]
  log(code: FunctionCode, line: LogHead): void
  /** Answers what a binding of a function asks of the host. Its rejections reach the function with name and message. */
  calls(code: FunctionCode, call: CallHead, body: Buffer): Promise<{ value?: unknown; body?: Uint8Array }>
  /** Takes spans that a function made, as JSON, and how many were dropped there. */
  spans(json: string, dropped: number): void
}

/** Calls to the host under way at once that are believed; the instance's own limit is far below. */
const MOST_CALLS = 1_000

/** What hears the frames of one child; a warm cell's are heard by nobody but its greeter. */
interface Ear {
  onReady(): void
  /** It said what no instance says: whoever has it must not believe it any more. */
  onBroken(error: unknown): void
  frame: ((kind: number, flags: number, id: number, head: string, body: Buffer) => void) | undefined
}

/** Starts instances as child processes. */
export function createNodeInstances(options: NodeInstancesOptions): Instances & { means: { death: string; cpu: string }; warm(): number } {
  const ears = new WeakMap<Socket, Ear>()
  const cells = createCells({
    warmCells: options.warmCells,
    readable: options.readable,
    compileCache: options.compileCache,
    greet: ({ child, socket }) =>
      new Promise((resolve, reject) => {
        const ear: Ear = { onReady: resolve, onBroken: () => child.kill('SIGKILL'), frame: undefined }
        ears.set(socket, ear)
        child.once('exit', (code, signal) => reject(new Error(`instance: ended with ${signal ?? `code ${code}`} before it was ready`)))
        child.once('error', reject)
        readFrames(socket, (kind, flags, id, head, body) => {
          if (kind === Kind.ready) ear.onReady()
          else ear.frame?.(kind, flags, id, head, body)
        }, (error) => ear.onBroken(error))
      }),
  })

  return {
    means: cells.means,
    warm: cells.warm,
    start(code) {
      const cell = cells.take({ memory: code.memory, native: code.native })
      return connect(code, cell.child, cell.socket, cell.ready, ears.get(cell.socket)!, options)
    },
    async close() {
      cells.close()
    },
  }
}

function connect(code: FunctionCode, child: ChildProcess, socket: Socket, ready: Promise<void>, ear: Ear, options: NodeInstancesOptions): Instance {
  const wire: FrameWriter = createFrameWriter(socket)
  const proc: ProcReader | undefined = child.pid === undefined ? undefined : createProcReader(child.pid)
  const redact = createRedact(code.bindings)
  const log = ({ m, ...line }: LogHead) => options.log(code, { ...line, m: redact(m) })
  const exchange: Exchange = createExchange(wire, redact)
  let callsUnderWay = 0
  let fatal = ''
  let broken = ''
  ear.onBroken = (error) => {
    broken = `it was ended because it sent what the host does not understand (${error instanceof Error ? error.message : String(error)})`
    child.kill('SIGKILL')
  }
  // Function code that writes to the streams itself, and V8's last words.
  const lines = (stream: NodeJS.ReadableStream, level: LogHead['l']) => {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      if (/FATAL ERROR:.*(heap out of memory|Allocation failed)|OutOfMemory/i.test(text)) fatal = 'V8 ran out of memory'
      for (const line of text.split('\n', 200)) if (line.trim()) log({ l: level, m: line.slice(0, 8192) })
    })
  }
  lines(child.stdout!, 'info')
  lines(child.stderr!, 'error')

  const instance: Instance = {
    id: randomUUID(),
    pid: child.pid ?? null,
    onPulse() {},
    onTainted() {},
    ready,
    loaded: ready.then(
      () =>
        new Promise<Loaded>((resolve, reject) => {
          ear.frame = (kind, flags, id, head, body) => {
            if (kind === Kind.log) return log(readLog(head))
            // A module may use its bindings while it loads.
            if (kind === Kind.call) return hear(kind, flags, id, head, body)
            ear.frame = hear
            if (kind === Kind.loaded) return resolve(readLoaded(head))
            const { detail, stack } = readLoadFailure(redact(head))
            reject(Object.assign(new Error(detail), { stack }))
          }
          child.once('exit', (status, signal) => reject(new Error(`ended with ${signal ?? `code ${status}`} while it was loaded${(fatal || broken) && `: ${fatal || broken}`}`)))
          const { name, revision, file, outbound, bindings, timeoutMs } = code
          const { allowOutbound: allow, denyOutbound: deny } = options
          wire.send(Kind.load, 0, 0, JSON.stringify({ name, revision, file, outbound, bindings, allow, deny, timeoutMs }))
          wire.flush()
        }),
    ),
    exited: new Promise<Exit>((resolve) => {
      // `close`, not `exit`: V8's last words on stderr must have been read.
      child.once('close', (status, signal) => {
        proc?.close()
        exchange.close()
        socket.destroy()
        resolve(fatal ? { cause: 'memory_exceeded', detail: fatal } : { cause: 'exited', detail: broken || `the process ended with ${signal ?? `code ${status}`}` })
      })
      child.once('error', (error) => resolve({ cause: 'exited', detail: error.message }))
    }),
    deliver: (invocation: Invocation, delivered: Delivered) => exchange.deliver(invocation, delivered),
    vitals: () => ({ memoryBytes: proc?.ownMemoryBytes() ?? 0, cpuMs: proc?.cpuMs() ?? 0 }),
    peakMemoryBytes: (reset) => proc?.peakBytes(reset) ?? 0,
    kill: () => void child.kill('SIGKILL'),
  }
  instance.loaded.catch(() => {})

  function hear(kind: number, flags: number, id: number, head: string, body: Buffer) {
    switch (kind) {
      case Kind.log:
        return log(readLog(head))
      case Kind.pulse: {
        const [utilization, delayMs] = readPulse(head)
        return instance.onPulse({ utilization, delayMs })
      }
      case Kind.spans:
        return options.spans(redact(head), id)
      case Kind.call:
        if (callsUnderWay >= MOST_CALLS) throw new TypeError('more calls at once than an instance makes')
        return void answer(id, readCall(head), Buffer.from(body))
      case Kind.tainted:
        return instance.onTainted(readText(redact(head)))
      default:
        exchange.frame(kind, flags, id, head, body)
    }
  }
  async function answer(id: number, call: CallHead, body: Buffer) {
    callsUnderWay++
    try {
      const told = await options.calls(code, call, body)
      wire.send(Kind.answered, 0, id, told.value === undefined ? '' : JSON.stringify(told.value), told.body)
    } catch (error) {
      const { name, message } = error as Error
      wire.send(Kind.answered, Flag.broken, id, JSON.stringify({ name, message }))
    } finally {
      callsUnderWay--
    }
  }
  return instance
}
