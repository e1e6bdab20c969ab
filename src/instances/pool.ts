import type { Invocation, Run } from '../contract/invocation.ts'
import type { Clock } from '../ports/clock.ts'
import type { FunctionCode, Instance, Instances } from '../ports/instance.ts'
import type { RunClock } from '../ports/run-clock.ts'
import { createBackoff } from './backoff.ts'
import { Flight } from './flight.ts'
import { silent, watch, type Limits } from './limits.ts'
import { createMember, type Member } from './member.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { StartTurns } from './start-turns.ts'
import { createWaitingLine } from './waiting-line.ts'

/** Longest that a process may take to start, and then a module to load. */
const START_MS = 60_000
const INIT_MS = 10_000
/** Longest that an invocation waits for a place. */
const WAIT_MS = 10_000
/** How long a machine that could not start a process is left alone. */
const SHORTAGE_MS = 1_000
/** Above these an instance with more than one invocation in flight calls for another. */
const CROWDED = { utilization: 0.8, delayMs: 50 }

/** What a pool needs to know of its function and its host. */
export interface PoolOptions {
  code: FunctionCode
  limits: Limits & { concurrency: number; maxInstances: number; maxWaiting: number; idleMs: number }
  instances: Instances
  clock: Clock
  budget: MemoryBudget
  startTurns: StartTurns
  /** CPUs of the machine: beyond as many instances, a crowded one is no reason for another. */
  cpus: number
  createRunClock(elapsed: () => number): RunClock
  /** Told how long an instance took to load, or to fail at it, that is gone and never served. */
  unbilledInit(ms: number): void
  /** Told of what belongs to no invocation. */
  log(level: 'info' | 'warn' | 'error', message: string): void
}

/** The instances of one revision of one function: started on demand, filled, watched, retired. */
export interface Pool {
  invoke(invocation: Invocation): Run
  members(): Member[]
  /** True while the last start failed. */
  failing(): boolean
  /** No new work but what is in the line; resolves when all is done and every instance is gone. */
  drain(): Promise<void>
  /** Ends everything now. */
  kill(): void
}

/** Makes the pool of one revision; nothing is started before the first invocation. */
export function createPool(options: PoolOptions): Pool {
  const { code, limits, clock, budget, startTurns } = options
  const members = new Set<Member>()
  const backoff = createBackoff(() => clock.elapsed())
  /** Until when the machine is not asked for another process, and what it said. */
  let shortage = { until: 0, detail: '' }
  const waitMs = Math.min(WAIT_MS, limits.timeoutMs)
  const line = createWaitingLine(limits.maxWaiting, waitMs, clock, {
    expired: (flight) => flight.fail('throttled', 'throttled', `no free place after ${waitMs} ms (${load()}); raise maxInstances, concurrency or memory`, { retryAfter: 1 }),
    canceled: (flight) => flight.fail('timeout', 'canceled', 'the client left the waiting line'),
  })
  let draining: (() => void) | undefined
  let sweeping = false
  const leaveBudget = budget.join({ evict, freed: serveLine })

  const load = () => `${[...members].reduce((sum, member) => sum + member.inFlight.size, 0)} running, ${line.length} waiting`

  function place(flight: Flight): boolean {
    let best: Member | undefined
    let start: Member | undefined
    const now = clock.elapsed()
    for (const member of members) {
      if (member.state === 'ready') {
        const { size } = member.inFlight
        if (size < limits.concurrency && (!best || size < best.inFlight.size) && !silent(member, now)) best = member
      } else if (member.state === 'starting' && member.reserved.size < limits.concurrency) start ??= member
    }
    if (best) {
      best.deliver(flight)
      watchers.get(best)!.wake()
      return true
    }
    start ??= grow()
    if (!start) return false
    start.reserved.add(flight)
    flight.onCancel = () => {
      if (start.reserved.delete(flight)) flight.fail('timeout', 'canceled', 'the client left while the instance started')
    }
    return true
  }

  const watchers = new Map<Member, { wake(): void }>()
  const charged = new Set<Member>()
  const release = (member: Member) => {
    if (charged.delete(member)) budget.give(code.memory)
  }

  /** What the machine cannot start now is nobody's fault; the memory is given back once the pause has begun, since that serves the line. */
  function begin(): Instance | undefined {
    try {
      return options.instances.start(code)
    } catch (error) {
      startTurns.give()
      shortage = { until: clock.elapsed() + SHORTAGE_MS, detail: (error as Error).message }
      options.log('error', `no instance can be started: ${shortage.detail}`)
      budget.give(code.memory)
      return undefined
    }
  }

  /** Starts one more instance if limits, budget and luck allow. */
  function grow(): Member | undefined {
    if (members.size >= limits.maxInstances || backoff.left() > 0 || shortage.until > clock.elapsed() || !startTurns.take(serveLine)) return undefined
    if (!budget.take(code.memory)) {
      startTurns.give()
      return undefined
    }
    let cpuNow = 0
    const started = begin()
    if (!started) return undefined
    const member = createMember(started, {
      revision: code.revision,
      clock,
      runClock: options.createRunClock(() => clock.elapsed()),
      cpuClock: options.createRunClock(() => cpuNow),
      freed,
    })
    members.add(member)
    charged.add(member)
    const { instance } = member
    watchers.set(member, watch(member, limits, clock, (cpuMs) => (cpuNow = cpuMs), retire))
    let initError = ''
    const give = (ms: number, error: string) =>
      clock.after(ms, () => {
        initError = error
        instance.kill()
      })
    let tooLong = give(START_MS, `no process after ${START_MS / 1000} s; the machine is overloaded`)
    const loading = () => {
      tooLong()
      tooLong = give(INIT_MS, `not loaded after ${INIT_MS / 1000} s`)
    }
    instance.ready.then(loading, () => {})
    instance.onPulse = ({ utilization, delayMs }) => {
      member.lastBeat = clock.elapsed()
      member.crowded = member.inFlight.size > 1 && (utilization > CROWDED.utilization || delayMs > CROWDED.delayMs)
      if (member.crowded && members.size < options.cpus && ![...members].some(({ state }) => state === 'starting')) grow()
    }
    instance.onTainted = () => retire(member)
    void instance.loaded.then(
      ({ initMs }) => {
        tooLong()
        backoff.succeeded()
        member.initMs = initMs
        member.state = 'ready'
        member.idleSince = member.lastBeat = clock.elapsed()
        cpuNow = instance.vitals().cpuMs
        for (const flight of member.reserved) {
          member.deliver(flight)
          flight.delivery!.coldWait = true
        }
        member.reserved.clear()
        watchers.get(member)!.wake()
        serveLine()
        sweepLater()
      },
      (error: unknown) => {
        tooLong()
        member.initMs = clock.elapsed() - member.startedAt
        const { message, stack = message } = error instanceof Error ? error : new Error(String(error))
        const detail = initError || message
        // The stack once for the start that failed; each call that is refused tells the first line alone.
        backoff.failed(detail.split('\n', 1)[0]!)
        options.log('error', `init_failed: ${initError || stack}`)
        // Dying, not yet gone: whoever comes now must not be given a place here.
        member.state = 'draining'
        instance.kill()
        for (const flight of member.reserved) initFailed(flight)
        member.reserved.clear()
      },
    ).finally(startTurns.give)
    void instance.exited.then((exit) => {
      const busy = member.inFlight.size
      member.died(exit)
      if (!member.served && member.initMs > 0) options.unbilledInit(member.initMs)
      members.delete(member)
      watchers.delete(member)
      release(member)
      if (busy > 0) options.log('warn', `instance ${instance.id}: ${(member.killed ?? exit).detail}; ${busy} invocations ended with it`)
      serveLine()
      doneYet()
    })
    return member
  }

  function initFailed(flight: Flight) {
    flight.fail('init_failed', 'init_failed', backoff.detail, { retryAfter: Math.max(1, Math.ceil(backoff.left() / 1000)) })
  }

  /** Nobody can serve it now: refuse, or let it wait. */
  function refuseOrWait(flight: Flight) {
    if (backoff.left() > 0 && ![...members].some(({ state }) => state === 'ready' || state === 'starting')) return initFailed(flight)
    if (members.size === 0 && !startTurns.none) {
      if (shortage.until > clock.elapsed()) return flight.fail('overloaded', 'overloaded', `no instance can be started: ${shortage.detail}`, { retryAfter: 1 })
      return flight.fail('overloaded', 'overloaded', `the host's memory budget has no room for ${code.memory} MiB; raise --memory`, { retryAfter: 1 })
    }
    if (!line.push(flight)) flight.fail('throttled', 'throttled', `the waiting line is full (${load()}); raise maxWaiting or lower load`, { retryAfter: 1 })
  }

  function serveLine() {
    for (let flight = line.first(); flight; flight = line.first()) {
      if (place(flight)) line.remove(flight)
      else if (members.size > 0 || startTurns.none) return
      else {
        line.remove(flight)
        refuseOrWait(flight)
      }
    }
  }

  function freed(member: Member) {
    if (member.state === 'draining' && member.inFlight.size === 0) member.instance.kill()
    else if (line.length > 0) serveLine()
    if (member.inFlight.size === 0) sweepLater()
    doneYet()
  }

  /** No new work for it; gone when the last invocation on it is settled. */
  function retire(member: Member) {
    if (member.state !== 'ready') return
    member.state = 'draining'
    if (member.inFlight.size === 0) member.instance.kill()
    if (line.length > 0) serveLine()
  }

  function sweepLater() {
    if (sweeping) return
    sweeping = true
    clock.after(limits.idleMs, sweep)
  }
  /** Retires who has been unused for `idle`; asks again when the next one may be due. */
  function sweep() {
    sweeping = false
    const now = clock.elapsed()
    let nextIn = Infinity
    for (const member of members) {
      if (member.state !== 'ready' || member.inFlight.size > 0) continue
      const left = member.idleSince + limits.idleMs - now
      if (left <= 0) retire(member)
      else nextIn = Math.min(nextIn, left)
    }
    if (nextIn < Infinity) {
      sweeping = true
      clock.after(nextIn, sweep)
    }
  }

  function evict(): boolean {
    for (const member of members) {
      if (member.state !== 'ready' || member.inFlight.size > 0) continue
      retire(member)
      // Killed, not yet gone: its memory is free in milliseconds, and waiting for that would refuse a call for nothing.
      release(member)
      return true
    }
    return false
  }

  function doneYet() {
    if (!draining || line.length > 0) return
    for (const member of members) {
      if (member.inFlight.size > 0 || member.reserved.size > 0) return
      member.instance.kill()
    }
    if (members.size > 0) return
    leaveBudget()
    draining()
  }

  return {
    invoke(invocation) {
      const flight = new Flight(invocation, clock.elapsed())
      // Who waits already goes first.
      if (line.length > 0 || !place(flight)) refuseOrWait(flight)
      return flight
    },
    members: () => [...members],
    failing: () => backoff.left() > 0,
    drain: () =>
      new Promise((resolve) => {
        draining = resolve
        doneYet()
      }),
    kill() {
      for (const member of members) member.instance.kill()
    },
  }
}
