import { readFileSync } from 'node:fs'

const MOST_CONNECTIONS = 10_000
/** What the host itself and its first instances hold open. */
const OWN = 64

/**
 * How many connections the public port may hold: half of the file descriptors that are left, at most 10,000, at least 16, so that
 * instances can be started however many clients there are. Out of descriptors, new connections are broken off without a word.
 */
export function affordableConnections(): number {
  return Math.min(MOST_CONNECTIONS, Math.max(16, Math.floor((descriptorLimit() - OWN) / 2)))
}

/** Infinity where the system does not tell. */
function descriptorLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}
