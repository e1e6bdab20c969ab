import type { InvocationReport, LogFields } from '../../../ports/log.ts'

const NUMBERS = 5

/** Reports in columns, one per place: an object for each would be copied by every collection while it is kept. */
export interface ReportColumns {
  set(place: number, report: InvocationReport): void
  /** The function or the invocation of a report. */
  function(place: number): string
  invocation(place: number): string
  /** A report as fields of a line; why it failed is told in a line of its own. */
  fields(place: number): LogFields
  /** Lets go of the texts at a place. */
  clear(place: number): void
}

/** Makes room for `places` reports. */
export function createReportColumns(places: number): ReportColumns {
  const functions = emptyTexts(places)
  const invocations = emptyTexts(places)
  const outcomes = emptyTexts(places)
  const numbers = new Float64Array(places * NUMBERS)
  return {
    set(place, { function: name, invocation, outcome, runMs, billedMs, memoryMib, maxMemoryBytes, initMs }) {
      functions[place] = name
      invocations[place] = invocation
      outcomes[place] = outcome
      const at = place * NUMBERS
      numbers[at] = runMs
      numbers[at + 1] = billedMs
      numbers[at + 2] = memoryMib
      numbers[at + 3] = maxMemoryBytes
      numbers[at + 4] = initMs ?? -1
    },
    function: (place) => functions[place]!,
    invocation: (place) => invocations[place]!,
    fields(place) {
      const [runMs = 0, billedMs = 0, memoryMib = 0, maxMemoryBytes = 0, initMs = -1] = numbers.subarray(place * NUMBERS, (place + 1) * NUMBERS)
      return {
        function: functions[place],
        invocation: invocations[place],
        outcome: outcomes[place],
        run_ms: runMs,
        billed_ms: billedMs,
        memory_mb: memoryMib,
        max_memory_mb: Math.round((maxMemoryBytes / 1024 ** 2) * 10) / 10,
        ...(initMs < 0 ? {} : { init_ms: initMs }),
      }
    },
    clear(place) {
      functions[place] = invocations[place] = outcomes[place] = ''
    },
  }
}

function emptyTexts(length: number): string[] {
  return Array.from({ length }, () => '')
}
