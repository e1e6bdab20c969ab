import { readRecords } from '../../../tracing/record.ts'
import { spansOf } from '../../../tracing/make-spans.ts'
import type { SpanData } from '../../../tracing/span-data.ts'
import { readFunctionSpans } from './function-spans.ts'
import type { SpanBatch } from './messages.ts'

/** Invocations that are kept. */
const KEPT = 1000
/** Characters that are kept, whatever that leaves of the invocations: functions may make many spans. */
const KEPT_CHARACTERS = 16 * 1024 * 1024

/** The spans of the last invocations, kept as they were packed: nobody pays for reading them until somebody asks. */
export interface RecentSpans {
  keep(batch: SpanBatch): void
  /** All spans of one trace, or of the trace of one invocation, oldest first; empty when there is none. */
  find(traceOrInvocation: string): SpanData[]
}

/** Makes the memory; empty, it costs nothing. */
export function createRecentSpans(): RecentSpans {
  const kept: SpanBatch[] = []
  let count = 0
  let characters = 0
  const size = (batch: SpanBatch) => batch.functions.reduce((sum, json) => sum + json.length, batch.text.length)
  const hostSpans = function* (id: string) {
    for (const batch of kept) {
      if (!batch.text.includes(id)) continue
      for (const record of readRecords(batch)) if (record.traceId === id || record.id === id) yield record
    }
  }
  return {
    keep(batch) {
      kept.push(batch)
      count += batch.count
      characters += size(batch)
      while (kept.length > 1 && (count - kept[0]!.count >= KEPT || characters > KEPT_CHARACTERS)) {
        const gone = kept.shift()!
        count -= gone.count
        characters -= size(gone)
      }
    },
    find(id) {
      const [first] = hostSpans(id)
      if (!first) return []
      const { traceId } = first
      const theirs = kept.flatMap(({ functions }) => functions.filter((json) => json.includes(traceId)).flatMap(readFunctionSpans))
      const all = [...[...hostSpans(traceId)].flatMap(spansOf), ...theirs.filter((span) => span.traceId === traceId)]
      return all.sort((a, b) => a.startAt - b.startAt)
    },
  }
}
