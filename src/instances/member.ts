import type { Outcome, Settlement } from '../contract/invocation.ts'
import type { Clock } from '../ports/clock.ts'
import type { Exit, Instance } from '../ports/instance.ts'
import type { RunClock } from '../ports/run-clock.ts'
import type { Carrier, Flight } from './flight.ts'

/** Outcomes for which the host itself ends an instance. */
export type KillCause = Extract<Outcome, 'timeout' | 'cpu_exceeded' | 'memory_exceeded'>

/** One instance in a pool, with the invocations on it. */
export interface Member extends Carrier {
  readonly instance: Instance
  readonly startedAt: number
  state: 'starting' | 'ready' | 'draining' | 'dead'
  /** Given a place while it starts. */
  readonly reserved: Set<Flight>
  readonly inFlight: Set<Flight>
  /** Elapsed time of its last sign of life. */
  lastBeat: number
  /** Its event loop is crowded: another instance would help. */
  crowded: boolean
  initMs: number
  /** True from the first invocation delivered to it. */
  readonly served: boolean
  /** Why the host killed it, told to everybody who was on it. */
  killed: { cause: KillCause; detail: string } | undefined
  /** Elapsed time since it has had nothing to do. */
  idleSince: number
  deliver(flight: Flight): void
  /** Ends it and names the cause. */
  kill(cause: KillCause, detail: string): void
  /** Gives one invocation its end without waiting for the instance. */
  abandon(flight: Flight, cause: KillCause, detail: string): void
  /** The instance is gone: everybody on it learns why. */
  died(exit: Exit): void
}

/** What a member needs from its pool. */
export interface MemberHooks {
  revision: string
  clock: Clock
  runClock: RunClock
  cpuClock: RunClock
  /** An invocation left it; the pool may use the place. */
  freed(member: Member): void
}

/** Wraps a starting instance. */
export function createMember(instance: Instance, hooks: MemberHooks): Member {
  const { clock } = hooks
  let served = false
  let peak = 0
  let peakAt = -Infinity

  const facts = (flight: Flight, cpuMs: number): Omit<Settlement, 'outcome'> => {
    // Reading the peak costs a system call or two: at most forty times a second.
    const now = clock.elapsed()
    if (now - peakAt >= 25) {
      peakAt = now
      peak = instance.peakMemoryBytes(false)
    }
    const cold = coldOnes.delete(flight)
    const { queueMs, initMs } = flight.delivery!
    return {
      delivered: true,
      instance: instance.id,
      revision: hooks.revision,
      cold,
      queueMs,
      initMs,
      runMs: flight.share!.end(),
      cpuMs,
      maxMemoryBytes: peak,
    }
  }
  const coldOnes = new Set<Flight>()
  const leave = (flight: Flight) => {
    if (!member.inFlight.delete(flight)) return false
    if (member.inFlight.size === 0) member.idleSince = clock.elapsed()
    return true
  }

  const member: Member = {
    instance,
    startedAt: clock.elapsed(),
    state: 'starting',
    reserved: new Set(),
    inFlight: new Set(),
    lastBeat: clock.elapsed(),
    crowded: false,
    initMs: 0,
    get served() {
      return served
    },
    killed: undefined,
    idleSince: clock.elapsed(),
    deliver(flight) {
      flight.onCancel = undefined
      flight.deliveredAt = clock.elapsed()
      // An idle instance does not beat: its silence starts to count now.
      if (member.inFlight.size === 0) member.lastBeat = flight.deliveredAt
      // Who is charged for the load did not queue while it went on.
      const initMs = served ? 0 : member.initMs
      flight.delivery = { queueMs: Math.max(0, flight.deliveredAt - flight.acceptedAt - initMs), initMs }
      if (!served) coldOnes.add(flight)
      served = true
      member.inFlight.add(flight)
      flight.share = hooks.runClock.begin()
      flight.cpuShare = hooks.cpuClock.begin()
      flight.carrier = member
      flight.abort = instance.deliver(flight.invocation, flight)
    },
    settled(flight, report) {
      if (!leave(flight)) return
      flight.cpuShare!.end()
      const outcome = flight.canceled && report.outcome === 'ok' ? 'canceled' : report.outcome
      const settlement: Settlement = { outcome, ...facts(flight, report.cpuMs) }
      if (report.detail !== undefined) settlement.detail = report.stack ?? report.detail
      if (report.netBytes !== undefined) settlement.netBytes = report.netBytes
      if (report.notes !== undefined) settlement.notes = report.notes
      flight.settle(settlement)
      hooks.freed(member)
    },
    kill(cause, detail) {
      if (member.state === 'dead') return
      member.killed ??= { cause, detail }
      member.state = 'draining'
      instance.kill()
    },
    abandon(flight, cause, detail) {
      if (!leave(flight)) return
      flight.abort?.(cause === 'memory_exceeded' ? 'timeout' : cause)
      flight.fail(cause, flight.canceled ? 'canceled' : cause, detail, facts(flight, flight.cpuShare!.end()))
      hooks.freed(member)
    },
    died(exit) {
      member.state = 'dead'
      const { cause, detail } = member.killed ?? exit
      const k = member.inFlight.size
      const told = k > 1 ? `${detail} (one of ${k} invocations in flight)` : detail
      for (const flight of [...member.inFlight]) {
        leave(flight)
        flight.fail(cause, cause, told, facts(flight, flight.cpuShare!.end()))
      }
    },
  }
  return member
}
