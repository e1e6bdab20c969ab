/** Of each document, and of all beyond that together, bytes. */
const freeBytes = 131_072
const sharedBytes = 8 * 2 ** 20
const pollMs = 20
/** Whoever holds on for longer is gone with its invocation. */
const longestMs = 120_000
const longestWorkMs = 60_000
/** In all, for one document: longer waits would outlast the connection. */
const longestWaitMs = 35_000

interface Holder {
  bytes: number
  until: number
}

const holders = new Set<Holder>()
/** The one that may hold more than its share. */
let beyond: Holder | undefined
/** The one that works alone, and until when at most. */
let worker: Holder | undefined
let workUntil = 0

function shared(): number {
  const now = Date.now()
  let sum = 0
  for (const holder of holders) {
    if (holder.until < now) holders.delete(holder)
    else if (holder !== beyond) sum += Math.max(0, holder.bytes - freeBytes)
  }
  return sum
}

// Whether there is room, and the taking of it, are one step. No promise of another invocation is waited for: on Workers that one may end at any moment.
async function until(take: () => boolean, giveUpAt = Infinity): Promise<boolean> {
  while (!take()) {
    if (Date.now() > giveUpAt) return false
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return true
}

/** The place of one document in the memory of its instance, from its first byte until what it says is stored. */
export interface Place {
  /** Makes room for `bytes` in all: waits while the documents at hand fill the room, but for one of them that may go on. False where it waited in vain. */
  grow(bytes: number): Promise<boolean>
  /** Runs work that takes much memory when no other such work runs. */
  alone<T>(work: () => Promise<T>): Promise<T>
  leave(): void
}

/**
 * Takes a place. Documents up to 128 KiB cost nothing; larger ones share 8 MiB, and one at a time may be as large as it likes. So an instance
 * that reads eighty sources at once does not end for a few that are huge, or never end.
 */
export function takePlace(): Place {
  const holder: Holder = { bytes: 0, until: Date.now() + longestMs }
  holders.add(holder)
  let waitMs = longestWaitMs
  const take = (bytes: number): boolean => {
    const inUse = shared()
    if (beyond !== undefined && !holders.has(beyond)) beyond = undefined
    const more = Math.max(0, bytes - freeBytes) - Math.max(0, holder.bytes - freeBytes)
    if (holder !== beyond && more > 0 && inUse + more > sharedBytes) {
      if (beyond !== undefined) return false
      beyond = holder
    }
    holder.bytes = bytes
    return true
  }
  return {
    async grow(bytes) {
      const startedAt = Date.now()
      const found = await until(() => take(bytes), startedAt + waitMs)
      waitMs -= Date.now() - startedAt
      return found
    },
    async alone(work) {
      await until(() => {
        if (worker !== undefined && workUntil > Date.now()) return false
        worker = holder
        workUntil = Date.now() + longestWorkMs
        return true
      })
      try {
        return await work()
      } finally {
        if (worker === holder) worker = undefined
      }
    },
    leave() {
      holders.delete(holder)
      if (beyond === holder) beyond = undefined
    },
  }
}
