import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'

const PAGE = 4096
const buffer = Buffer.alloc(256)

/** Reads one child's memory and CPU from Linux's procfs; elsewhere every figure is 0. */
export interface ProcReader {
  /** Resident minus shared memory: what the process alone is to blame for. */
  ownMemoryBytes(): number
  /** CPU time of the main thread in milliseconds. */
  cpuMs(): number
  /** Highest own memory so far, spikes between two readings included; `reset` starts anew. */
  peakBytes(reset: boolean): number
  close(): void
}

/** True where the limits can be enforced by measuring. */
export const measurable: boolean = process.platform === 'linux'

const blind: ProcReader = { ownMemoryBytes: () => 0, cpuMs: () => 0, peakBytes: () => 0, close() {} }

/** Opens the files of one child; 3 µs a reading (measured), so that polling 40 times a second is free. */
export function createProcReader(pid: number): ProcReader {
  if (!measurable) return blind
  let statm = -1
  let schedstat: number
  try {
    statm = openSync(`/proc/${pid}/statm`, 'r')
    schedstat = openSync(`/proc/${pid}/schedstat`, 'r')
  } catch {
    if (statm >= 0) closeSync(statm)
    return blind
  }
  let closed = false
  let shared = 0
  let seen = 0
  const read = (fd: number): string => {
    if (closed) return ''
    try {
      return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
    } catch {
      return ''
    }
  }
  return {
    ownMemoryBytes() {
      const fields = read(statm).split(' ')
      if (fields.length < 3) return 0
      shared = Number(fields[2]) * PAGE
      const own = Number(fields[1]) * PAGE - shared
      if (own > seen) seen = own
      return own
    },
    cpuMs() {
      return Number(read(schedstat).split(' ', 1)[0]) / 1e6
    },
    peakBytes(reset) {
      const own = this.ownMemoryBytes()
      let peak = Math.max(seen, own)
      try {
        const highest = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
        if (highest) peak = Math.max(peak, Number(highest[1]) * 1024 - shared)
        if (reset) {
          writeFileSync(`/proc/${pid}/clear_refs`, '5')
          seen = 0
        }
      } catch {
        // Gone, or not ours to reset: what was polled stands.
      }
      return peak
    },
    close() {
      if (closed) return
      closed = true
      closeSync(statm)
      closeSync(schedstat)
    },
  }
}
