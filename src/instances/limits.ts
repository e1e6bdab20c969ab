import type { Clock } from '../ports/clock.ts'
import type { Member } from './member.ts'

/** How often a busy instance is measured. */
const POLL_MS = 25
/** An instance that has missed this much of its heartbeat gets no new invocations. */
const SILENT_MS = 1000
/** At a timeout, an event loop that has been silent this long (two beats) is taken to stand still. */
const STUCK_MS = 600
/** A poll that comes later than this says that the host's own loop was not on time. */
const HOST_LATE_MS = 100

/** The limits of one function, in the units of the port. */
export interface Limits {
  memoryBytes: number
  timeoutMs: number
  blockMs: number
  /** Infinity: none. */
  cpuMs: number
}

/** True while an instance has given no sign of life for a second although it has work. */
export function silent(member: Member, now: number): boolean {
  return member.inFlight.size > 0 && now - member.lastBeat > SILENT_MS
}

/**
 * Watches one member while it has work: memory, CPU, time and its event loop. `noteCpu` is told the CPU time read, so that
 * the member's CPU clock can share it; `overdue` is called when an invocation was given up on a loop that still turns.
 */
export function watch(member: Member, limits: Limits, clock: Clock, noteCpu: (cpuMs: number) => void, overdue: (member: Member) => void): { wake(): void } {
  let running = false
  let lastPoll = 0
  const poll = () => {
    running = false
    if (member.state === 'dead') return
    const now = clock.elapsed()
    const late = now - lastPoll - POLL_MS
    if (late > HOST_LATE_MS) member.lastBeat += late
    check(now)
    if (member.inFlight.size > 0) arm(now)
    else settleDown()
  }
  const arm = (now: number) => {
    if (running) return
    running = true
    lastPoll = now
    clock.after(POLL_MS, poll)
  }
  const check = (now: number) => {
    const { memoryBytes, cpuMs } = member.instance.vitals()
    noteCpu(cpuMs)
    if (memoryBytes > limits.memoryBytes) {
      return member.kill('memory_exceeded', `${mib(memoryBytes)} MiB used of ${mib(limits.memoryBytes)}; raise memory or hold less at once`)
    }
    const silence = now - member.lastBeat
    if (silence > limits.blockMs) return member.kill('timeout', `event loop blocked ${(limits.blockMs / 1000).toFixed(1)} s`)
    for (const flight of [...member.inFlight]) {
      const stuck = silence > STUCK_MS
      if (now - flight.deliveredAt >= limits.timeoutMs) {
        const detail = `not finished after ${limits.timeoutMs / 1000} s; raise timeout or do less`
        if (stuck) return member.kill('timeout', detail)
        member.abandon(flight, 'timeout', detail)
        overdue(member)
      } else if (flight.cpuShare!.soFar() > limits.cpuMs) {
        const detail = `more than ${limits.cpuMs} ms of CPU; raise cpu or compute less`
        if (silence > SOON_MS) return member.kill('cpu_exceeded', detail)
        member.abandon(flight, 'cpu_exceeded', detail)
        overdue(member)
      }
    }
  }
  /** A spike that no poll saw is seen afterwards: then the instance is replaced. */
  const settleDown = () => {
    if (member.instance.peakMemoryBytes(true) > limits.memoryBytes && member.state === 'ready') overdue(member)
  }
  return {
    wake() {
      if (!running) arm(clock.elapsed())
    },
  }
}

/** For CPU the loop is taken to stand still after one missed beat: heavy work is what was asked about. */
const SOON_MS = 300

function mib(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
