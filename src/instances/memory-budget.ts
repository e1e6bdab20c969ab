/** The memory that all instances of a host may be given together. */
export interface MemoryBudget {
  /** Reserves MiB, retiring idle instances of others first; false when it is not to be had. */
  take(mib: number): boolean
  give(mib: number): void
  /** Registers somebody who may be able to free memory (`evict` answers whether it did) and waits for it (`freed`). */
  join(party: { evict(): boolean; freed(): void }): () => void
}

/** Makes the budget of one host; `totalMib` bounds the sum of the configured sizes of all live instances. */
export function createMemoryBudget(totalMib: number): MemoryBudget {
  const parties = new Set<{ evict(): boolean; freed(): void }>()
  let used = 0
  return {
    take(mib) {
      while (used + mib > totalMib) if (![...parties].some((party) => party.evict())) return false
      used += mib
      return true
    },
    give(mib) {
      used -= mib
      for (const party of parties) party.freed()
    },
    join(party) {
      parties.add(party)
      return () => void parties.delete(party)
    },
  }
}
