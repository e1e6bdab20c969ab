import type { Invocation, Outcome, Run, Settlement, Trigger } from '../contract/invocation.ts'

/** What spans are made of: one settled invocation. Times in milliseconds, `…At` since 1970, with fractions. */
export interface InvocationRecord {
  traceId: string
  spanId: string
  /** Empty: it has none. */
  parentSpanId: string
  /** `tracestate`; empty: none. */
  state: string
  id: string
  function: string
  trigger: Trigger
  outcome: Outcome
  /** Empty when it never reached an instance, as `instance`. */
  revision: string
  instance: string
  /** HTTP method, the schedule's expression, or the name of the queue. */
  method: string
  /** Of an HTTP call; of one by a bucket the notification of its first change. */
  url: string
  userAgent: string
  route: string
  /** Why it failed, stack included; empty when it did not. */
  detail: string
  /** What the function put on the span, as JSON; empty: nothing. */
  notes: string
  /** `traceparent` of each of several that caused it, with spaces between; empty: none. */
  links: string
  startAt: number
  endAt: number
  /** 0 when no head came, and for ticks. */
  status: number
  cold: boolean
  queueMs: number
  initMs: number
  runMs: number
  billedMs: number
  costPico: number
  cpuMs: number
  memoryBytes: number
  memoryMib: number
  /** Of a batch: how many messages. */
  scheduledTime: number
}

/** Which text and which numbers of a batch make one record. */
const TEXTS = 17
const NUMBERS = 13
/** Between two texts; nothing that arrives over HTTP can hold it. */
const GAP = '\0'
/** Most records in one batch. */
export const BATCH_RECORDS = 1000
/** Characters of a failure's words that are kept. */
const LONGEST_DETAIL = 8 * 1024

/** A batch that is being filled. Its room is used again and again: nothing is allocated per record, and no record is copied by a collection. */
export interface OpenBatch {
  count: number
  readonly texts: string[]
  readonly numbers: Float64Array
}

/** Many records in two pieces of memory: what is written once per call must cost next to nothing. */
export interface Batch {
  count: number
  /** Every text, a gap between two. */
  text: string
  numbers: Float64Array
}

/** What a record holds beside the invocation and its settlement. */
export interface RecordFrame {
  parentSpanId: string
  memoryMib: number
  startAt: number
  endAt: number
}

/** Makes an empty batch. */
export function createBatch(): OpenBatch {
  return { count: 0, texts: Array.from({ length: BATCH_RECORDS * TEXTS }, () => ''), numbers: new Float64Array(BATCH_RECORDS * NUMBERS) }
}

/** Takes what is in a batch, without its unused room, and leaves it empty for more. */
export function takeBatch(batch: OpenBatch): Batch {
  const { count, texts, numbers } = batch
  const used = count * TEXTS
  const taken = { count, text: texts.slice(0, used).join(GAP), numbers: numbers.slice(0, count * NUMBERS) }
  batch.count = 0
  // Let go of, however long it may be until they are overwritten.
  texts.fill('', 0, used)
  return taken
}

/** Adds one record; true when the batch is full now. */
export function addRecord(batch: OpenBatch, invocation: Invocation, run: Run, settlement: Settlement, frame: RecordFrame): boolean {
  const { event, trace } = invocation
  const http = event.type === 'fetch'
  const { detail, bill, notes } = settlement
  const { texts } = batch
  let next = batch.count * TEXTS
  texts[next++] = trace!.traceId
  texts[next++] = trace!.spanId
  texts[next++] = frame.parentSpanId
  texts[next++] = trace!.state ?? ''
  texts[next++] = invocation.id
  texts[next++] = invocation.function
  texts[next++] = invocation.trigger
  texts[next++] = settlement.outcome
  texts[next++] = settlement.revision ?? ''
  texts[next++] = settlement.instance ?? ''
  texts[next++] = http ? event.method : event.type === 'queue' ? event.queue : event.cron
  texts[next++] = http ? event.url : invocation.trigger === 'datasource' ? firstNotice(invocation) : ''
  texts[next++] = http ? header(event.headers, 'user-agent') : ''
  texts[next++] = invocation.route ?? ''
  texts[next++] = detail === undefined ? '' : clean(detail)
  texts[next++] = notes ?? ''
  texts[next] = invocation.links?.join(' ') ?? ''
  const { numbers } = batch
  let at = batch.count * NUMBERS
  numbers[at++] = frame.startAt
  numbers[at++] = frame.endAt
  numbers[at++] = run.status ?? 0
  numbers[at++] = settlement.cold ? 1 : 0
  numbers[at++] = settlement.queueMs
  numbers[at++] = settlement.initMs
  numbers[at++] = settlement.runMs
  numbers[at++] = bill?.billedMs ?? 0
  numbers[at++] = bill?.costPico ?? 0
  numbers[at++] = settlement.cpuMs
  numbers[at++] = settlement.maxMemoryBytes
  numbers[at++] = frame.memoryMib
  numbers[at] = event.type === 'scheduled' ? event.scheduledTime : event.type === 'queue' ? event.messages.length : 0
  return ++batch.count === BATCH_RECORDS
}

/** Makes records of a batch, each when it is asked for: a batch that waits is two pieces of memory, not thousands. */
export class BatchReader {
  readonly count: number
  readonly #text: string
  readonly #numbers: Float64Array
  #texts: string[] | undefined
  constructor({ count, text, numbers }: Batch) {
    this.count = count
    this.#text = text
    this.#numbers = numbers
  }
  /** @param index from 0 to `count` − 1 */
  record(index: number): InvocationRecord {
    const texts = (this.#texts ??= this.#text.split(GAP))
    const numbers = this.#numbers
    const t = index * TEXTS
    const n = index * NUMBERS
    return {
      traceId: texts[t]!,
      spanId: texts[t + 1]!,
      parentSpanId: texts[t + 2]!,
      state: texts[t + 3]!,
      id: texts[t + 4]!,
      function: texts[t + 5]!,
      trigger: texts[t + 6] as Trigger,
      outcome: texts[t + 7] as Outcome,
      revision: texts[t + 8]!,
      instance: texts[t + 9]!,
      method: texts[t + 10]!,
      url: texts[t + 11]!,
      userAgent: texts[t + 12]!,
      route: texts[t + 13]!,
      detail: texts[t + 14]!,
      notes: texts[t + 15]!,
      links: texts[t + 16]!,
      startAt: numbers[n]!,
      endAt: numbers[n + 1]!,
      status: numbers[n + 2]!,
      cold: numbers[n + 3] === 1,
      queueMs: numbers[n + 4]!,
      initMs: numbers[n + 5]!,
      runMs: numbers[n + 6]!,
      billedMs: numbers[n + 7]!,
      costPico: numbers[n + 8]!,
      cpuMs: numbers[n + 9]!,
      memoryBytes: numbers[n + 10]!,
      memoryMib: numbers[n + 11]!,
      scheduledTime: numbers[n + 12]!,
    }
  }
}

/** The records of a batch, in order. */
export function* readRecords(batch: Batch): Generator<InvocationRecord> {
  const reader = new BatchReader(batch)
  for (let i = 0; i < reader.count; i++) yield reader.record(i)
}

function header(headers: readonly string[], name: string): string {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]!.length === name.length && headers[i] === name) return headers[i + 1]!
  return ''
}

/** What the first of a batch of notifications says of its object. */
function firstNotice({ event }: Invocation): string {
  const first = event.type === 'queue' ? event.messages[0] : undefined
  return first ? new TextDecoder().decode(first.body).replaceAll(GAP, '') : ''
}

/** A function's own words may hold anything. */
function clean(detail: string): string {
  return (detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}… truncated` : detail).replaceAll(GAP, '')
}
