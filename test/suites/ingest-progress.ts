/** What `ingest` has told of so far. */
export interface IngestProgress {
  /** Ticks that sent on what was due. */
  ticks: number
  /** Sources that they sent on, and sources that were then asked. */
  due: number
  asked: number
}

/** Reads how far `ingest` has come from what it wrote to the log. */
export function ingestProgress(log: string): IngestProgress {
  const sum = (pattern: RegExp) => [...log.matchAll(pattern)].map(([, count]) => Number(count))
  const due = sum(/ingest: (\d+) sources? due, sent on/g)
  const asked = sum(/ingest: (\d+) sources? asked in/g)
  const total = (counts: number[]) => counts.reduce((all, count) => all + count, 0)
  return { ticks: due.length, due: total(due), asked: total(asked) }
}

/** True when at least so many ticks have ended and every source that they sent on was asked. */
export function ingested(log: string, ticks: number): boolean {
  const progress = ingestProgress(log)
  return progress.ticks >= ticks && progress.asked >= progress.due
}
