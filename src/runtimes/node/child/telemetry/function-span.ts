import type { Attributes, AttributeValue, Exception, Link, Span, SpanContext, SpanStatus, TimeInput } from '@opentelemetry/api'
import type { SpanNotes } from '../../../../tracing/notes.ts'
import type { WireSpan } from '../../telemetry/function-spans.ts'
import { wallNow } from '../../telemetry/wall-clock.ts'

/** What one span may hold: the specification's defaults, and a bound on texts. */
const MOST = { attributes: 128, events: 128, links: 128, characters: 16 * 1024 }

/** What a span begins with. */
export interface SpanStart {
  context: SpanContext
  parentSpanId?: string | undefined
  name: string
  /** A `SpanKind`. */
  kind: number
  scope: WireSpan['y']
  startTime?: TimeInput | undefined
  attributes?: Attributes | undefined
  links?: Link[] | undefined
}

/** A span that a function writes on, whichever copy of OpenTelemetry's API it brought along. */
export class FunctionSpan implements Span {
  readonly #context: SpanContext
  readonly #start: SpanStart
  readonly #startAt: number
  readonly #done: (span: WireSpan) => void
  readonly #content: SpanNotes
  #attributes = 0
  #dropped: [number, number, number] = [0, 0, 0]
  #ended = false

  /** @param done told once, when the span has ended */
  constructor(start: SpanStart, done: (span: WireSpan) => void) {
    this.#context = start.context
    this.#start = start
    this.#startAt = toMs(start.startTime)
    this.#done = done
    this.#content = { n: String(start.name) }
    if (start.attributes) this.setAttributes(start.attributes)
    if (start.links) this.addLinks(start.links)
  }
  spanContext(): SpanContext {
    return this.#context
  }
  isRecording(): boolean {
    return !this.#ended
  }
  /** True when something was put on it since its beginning. */
  get touched(): boolean {
    const { a, c, v, l, n } = this.#content
    return a !== undefined || c !== undefined || v !== undefined || l !== undefined || n !== this.#start.name
  }
  /** All that was put on it; nothing can be added afterwards. */
  take(): SpanNotes {
    this.#ended = true
    if (this.#dropped.some((count) => count > 0)) this.#content.d = this.#dropped
    return this.#content
  }
  setAttribute(key: string, value?: AttributeValue): this {
    if (this.#ended || value == null || typeof key !== 'string' || key === '') return this
    const kept = toValue(value)
    if (kept === undefined) return this
    const attributes = (this.#content.a ??= {})
    if (!Object.hasOwn(attributes, key)) {
      if (this.#attributes >= MOST.attributes) {
        this.#dropped[0]++
        return this
      }
      this.#attributes++
    }
    attributes[key] = kept
    return this
  }
  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes ?? {})) this.setAttribute(key, value)
    return this
  }
  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this
    const events = (this.#content.v ??= [])
    if (events.length >= MOST.events) {
      // The last ones tell more than the first.
      events.shift()
      this.#dropped[1]++
    }
    const isTime = typeof attributesOrTime === 'number' || attributesOrTime instanceof Date || Array.isArray(attributesOrTime)
    events.push([String(name), toMs(isTime ? attributesOrTime : time), isTime ? {} : toAttributes(attributesOrTime)])
    return this
  }
  addLink({ context, attributes }: Link): this {
    if (this.#ended) return this
    const links = (this.#content.l ??= [])
    if (links.length >= MOST.links) this.#dropped[2]++
    else links.push([context.traceId, context.spanId, toAttributes(attributes)])
    return this
  }
  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }
  setStatus({ code, message }: SpanStatus): this {
    // Once said to be well, by the specification, it stays so.
    if (this.#ended || code === 0 || this.#content.c === 1) return this
    this.#content.c = code
    if (code === 2 && message !== undefined) this.#content.m = String(message).slice(0, MOST.characters)
    else delete this.#content.m
    return this
  }
  updateName(name: string): this {
    if (!this.#ended) this.#content.n = String(name)
    return this
  }
  recordException(exception: Exception, time?: TimeInput): void {
    const told = typeof exception === 'string' ? { message: exception } : exception
    const { name, code, message, stack } = told as { name?: string; code?: string | number; message?: string; stack?: string }
    const type = code !== undefined ? String(code) : name
    this.addEvent('exception', { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack }, time)
  }
  end(endTime?: TimeInput): void {
    if (this.#ended) return
    const { context, parentSpanId, kind, scope } = this.#start
    const span: WireSpan = { t: context.traceId, i: context.spanId, k: kind, s: this.#startAt, e: Math.max(this.#startAt, toMs(endTime)), y: scope, ...this.take() }
    if (parentSpanId) span.p = parentSpanId
    const state = context.traceState?.serialize()
    if (state) span.w = state
    this.#done(span)
  }
}

/** Milliseconds since 1970 of any way to give a time; now when none is given. */
function toMs(time: TimeInput | undefined): number {
  if (time instanceof Date) return time.getTime()
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6
  if (typeof time !== 'number' || !Number.isFinite(time)) return wallNow()
  // A small number is one of `performance.now()`.
  return time < performance.timeOrigin ? time + performance.timeOrigin : time
}

function toAttributes(attributes: Attributes | undefined): Attributes {
  const entries = Object.entries(attributes ?? {}).slice(0, MOST.attributes)
  return Object.fromEntries(entries.flatMap(([key, value]) => {
    const kept = value == null ? undefined : toValue(value)
    return kept === undefined ? [] : [[key, kept]]
  }))
}

/** The value as it may cross the wire; undefined for what the specification does not know. */
function toValue(value: AttributeValue): AttributeValue | undefined {
  if (Array.isArray(value)) {
    const kept = value.slice(0, 1000).map((one) => (one == null ? null : toValue(one)))
    return kept.some((one) => one === undefined || Array.isArray(one)) ? undefined : (kept as AttributeValue)
  }
  if (typeof value === 'string') return value.length > MOST.characters ? value.slice(0, MOST.characters) : value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return typeof value === 'boolean' ? value : undefined
}
