import type { ExecutionContext } from '@cloudflare/workers-types'
import { createFairShare } from '../../../metering/fair-share.ts'
import { Flag, Kind, type FrameWriter, type InvokeHead, type LogHead, type MessageHead, type ReportHead } from '../wire/messages.ts'
import { createBatch } from './batch.ts'
import { current, CurrentInvocation, type Current } from './current.ts'
import { createReply, toFailure, type Failure, type Reply } from './reply.ts'
import { lightRequest } from './request.ts'
import type { Recorder } from './telemetry/recorder.ts'
import { createUpload, type Upload } from './upload.ts'

/** Longest that `waitUntil` may go on after the response: Workers' rule. */
const AFTER_RESPONSE_MS = 30_000
const NULL_BODY = new Set(['GET', 'HEAD'])

type Handler = (this: unknown, first: unknown, env: unknown, ctx: unknown) => unknown
/** The default export of a function. */
export type Handlers = Partial<Record<'fetch' | 'scheduled' | 'queue', Handler>>

interface Running {
  current: Current
  abort: AbortController | undefined
  aborted: 'canceled' | 'timeout' | 'cpu_exceeded' | undefined
  reply: Reply
  upload: Upload | undefined
  /** Ends it with a failure that came from outside the handler's promise. */
  fail(failure: Failure): void
}

/** The invocations in flight in this instance. */
export interface Invocations {
  invoke(slot: number, flags: number, head: string, body: Uint8Array): void
  find(slot: number): Running | undefined
  abort(slot: number, reason: 'canceled' | 'timeout' | 'cpu_exceeded'): void
  /** An error that no promise of a handler carried; answers whether it found the invocation it belongs to. */
  stray(error: unknown): boolean
  readonly count: number
}

/** Runs handlers: one frame in, head, body and report out. */
export function createInvocations(wire: FrameWriter, handlers: Handlers, env: unknown, log: (level: LogHead['l'], text: string) => void, spans?: Pick<Recorder, 'close'>): Invocations {
  const running: (Running | undefined)[] = []
  let count = 0
  const cpu = createFairShare(() => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  })

  function invoke(slot: number, flags: number, headText: string, body: Uint8Array) {
    const head = JSON.parse(headText) as InvokeHead
    const cpuShare = cpu.begin()
    count++
    let waits = 0
    let bodyOver = false
    let over = false
    let failure: Failure | undefined
    let timer: NodeJS.Timeout | undefined
    let failBatch: ((told: Failure) => void) | undefined

    const report = (): ReportHead => {
      over = true
      count--
      running[slot] = undefined
      clearTimeout(timer)
      const answer: ReportHead = { p: Math.round(cpuShare.end() * 1000) }
      if (run.current.bytes > 0) answer.b = run.current.bytes
      const notes = spans?.close(run.current)
      if (notes !== undefined) answer.x = notes
      if (failure) {
        answer.o = 'exception'
        answer.d = failure.detail
        if (failure.stack) answer.k = failure.stack
      } else if (run.aborted === 'canceled') answer.o = 'canceled'
      return answer
    }
    /** The body is out (or there is none to send): over unless `waitUntil` work is pending. */
    const finish = (late?: Failure): ReportHead | null => {
      bodyOver = true
      failure ??= late
      if (waits === 0) return report()
      timer = setTimeout(() => {
        log('warn', `waitUntil: ${waits} promises not settled ${AFTER_RESPONSE_MS / 1000} s after the response; given up`)
        settle()
      }, AFTER_RESPONSE_MS)
      return null
    }
    const settle = () => {
      if (!over) wire.send(Kind.settled, Flag.settled, slot, JSON.stringify(report()))
    }
    const waitUntil = (promise: unknown) => {
      if (over) return log('warn', 'waitUntil: called after the invocation was settled; ignored')
      waits++
      const done = () => {
        if (--waits === 0 && bodyOver) settle()
      }
      Promise.resolve(promise).then(done, (error: unknown) => {
        const told = toFailure(error)
        log('error', `waitUntil: ${told.stack ?? told.detail}`)
        if (!('m' in head)) failure ??= told
        done()
      })
    }
    const fail = (told: Failure) => {
      if (bodyOver || over) return log('error', told.stack ?? told.detail)
      if (failBatch) return failBatch(told)
      if (run.reply.headSent()) {
        run.reply.cut()
        const last = finish(told)
        return wire.send(Kind.replyEnd, Flag.broken | (last ? Flag.settled : 0), slot, last ? JSON.stringify(last) : '')
      }
      run.reply.cut()
      const last = finish(told)
      // The caller learns of the failure now, even when waitUntil work goes on.
      wire.send(Kind.failed, last ? Flag.settled : 0, slot, JSON.stringify({ d: told.detail, k: told.stack, ...last }))
    }

    /** Made when somebody asks: most functions never look. */
    const signal = () => {
      run.abort ??= new AbortController()
      if (run.aborted) run.abort.abort(abortReason(run.aborted))
      return run.abort.signal
    }
    const run: Running = {
      current: new CurrentInvocation(slot, { id: head.i, hops: 'h' in head ? hopsOf(head.h) : 0, trace: head.t, traceState: head.w }, signal),
      abort: undefined,
      aborted: undefined,
      reply: createReply(slot, wire, finish),
      upload: undefined,
      fail,
    }
    running[slot] = run
    const ctx = { waitUntil, passThroughOnException() {}, props: {} } as unknown as ExecutionContext

    current.run(run.current, () => {
      if ('c' in head) return tick(head, ctx)
      if ('q' in head) return consume(head, ctx)
      let requestBody: Uint8Array | ReadableStream<Uint8Array> | null = null
      if (flags & Flag.streamed) requestBody = (run.upload = createUpload(slot, wire)).stream
      else if (body.length > 0 && !NULL_BODY.has(head.m)) requestBody = Uint8Array.from(body)
      const request = lightRequest({ method: head.m, url: head.u, headers: head.h, body: requestBody, signal })
      start(handlers.fetch, 'fetch', request, ctx, (response) => {
        const sent = run.reply.send(response, head.m)
        return sent ? sent.then(cutShort) : cutShort()
      })
    })

    function tick(at: { c: string; s: number }, context: ExecutionContext) {
      let noRetry = false
      const controller = { cron: at.c, scheduledTime: at.s, noRetry: () => void (noRetry = true) }
      start(handlers.scheduled, 'scheduled', controller, context, () => {
        const last = bodyOver ? null : finish()
        wire.send(Kind.tick, last ? Flag.settled : 0, slot, JSON.stringify({ n: noRetry, ...last }))
      })
    }
    function consume(at: { q: string; l: MessageHead[]; n?: [number, number] }, context: ExecutionContext) {
      const { batch, said } = createBatch(at.q, at.l, body, at.n)
      const tell = (failed?: Failure) => {
        const last = bodyOver ? null : finish(failed)
        wire.send(Kind.batch, last ? Flag.settled : 0, slot, JSON.stringify({ ...said(), ...last }))
      }
      // What was acknowledged before a failure stays acknowledged.
      failBatch = tell
      start(handlers.queue, 'queue', batch, context, () => tell())
    }
    function start(handler: Handler | undefined, name: string, first: unknown, context: ExecutionContext, then: (value: unknown) => void | Promise<void>) {
      if (!handler) return fail({ detail: `the function has no ${name} handler` })
      try {
        const answer = handler.call(handlers, first, env, context)
        // A function that answers at once is served within the turn.
        Promise.resolve(answer)
          .then(then)
          .catch((error: unknown) => fail(toFailure(error)))
      } catch (error) {
        fail(toFailure(error))
      }
    }
    /** After an abort the reply sends nothing; the invocation still has to be settled. */
    function cutShort() {
      if (!run.aborted || bodyOver || over) return
      const last = finish()
      if (last) wire.send(Kind.settled, Flag.settled, slot, JSON.stringify(last))
    }
  }

  return {
    invoke,
    find: (slot) => running[slot],
    abort(slot, reason) {
      const run = running[slot]
      if (!run || run.aborted) return
      run.aborted = reason
      current.run(run.current, () => {
        run.abort?.abort(abortReason(reason))
        run.upload?.fail(abortReason(reason))
        run.reply.cut()
      })
    },
    stray(error) {
      const slot = current.getStore()?.slot
      const run = slot === undefined ? undefined : running[slot]
      run?.fail(toFailure(error))
      return run !== undefined
    },
    get count() {
      return count
    },
  }
}

function abortReason(reason: 'canceled' | 'timeout' | 'cpu_exceeded'): DOMException {
  if (reason === 'timeout') return new DOMException('the function took longer than its timeout', 'TimeoutError')
  return new DOMException(reason === 'canceled' ? 'the client has gone' : 'the function used more CPU than its limit', 'AbortError')
}

function hopsOf(flat: string[]): number {
  for (let i = 0; i < flat.length; i += 2) if (flat[i]!.toLowerCase() === 'pressroom-hops') return Number(flat[i + 1]) || 0
  return 0
}
