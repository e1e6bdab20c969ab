import type { Attributes } from '@opentelemetry/api'
import type { SpanData } from '../../../../tracing/span-data.ts'
import type { SpanLimits } from '../../../../tracing/export/settings.ts'

/** The specification's own limit for each. */
const USUAL = 128

/** Cuts a span to the limits that `OTEL_SPAN_…_LIMIT` set, and counts what fell away. */
export function limitSpan(span: SpanData, limits: SpanLimits): SpanData {
  // Where spans are made they are held to these already.
  if (limits.valueLength === Infinity && limits.attributes >= USUAL && limits.events >= USUAL && limits.links >= USUAL) return span
  const [attributes, cut] = limited(span.attributes, limits)
  const { dropped } = span
  return {
    ...span,
    attributes,
    events: span.events.slice(0, limits.events).map((event) => ({ ...event, attributes: limited(event.attributes, limits)[0] })),
    links: span.links.slice(0, limits.links).map((link) => ({ ...link, attributes: limited(link.attributes, limits)[0] })),
    dropped: {
      attributes: dropped.attributes + cut,
      events: dropped.events + Math.max(0, span.events.length - limits.events),
      links: dropped.links + Math.max(0, span.links.length - limits.links),
    },
  }
}

function limited(attributes: Attributes, { attributes: most, valueLength }: SpanLimits): [Attributes, number] {
  const entries = Object.entries(attributes)
  const cut = (value: Attributes[string]) =>
    typeof value === 'string' ? value.slice(0, valueLength) : Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? one.slice(0, valueLength) : one)) : value
  return [Object.fromEntries(entries.slice(0, most).map(([key, value]) => [key, cut(value)])) as Attributes, Math.max(0, entries.length - most)]
}
