import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** What OTLP calls a value: one of these fields is there. */
export interface OtlpValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: number | string
  doubleValue?: number
  arrayValue?: { values: OtlpValue[] }
}
interface OtlpAttribute {
  key: string
  value: OtlpValue
}
/** A span as OTLP's JSON has it. */
export interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  traceState?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: OtlpAttribute[]
  events: { name: string; attributes: OtlpAttribute[] }[]
  status: { code: number; message?: string }
  scope: { name: string; version?: string }
}
/** A metric as OTLP's JSON has it. */
export interface OtlpMetric {
  name: string
  unit: string
  description: string
  sum?: { dataPoints: OtlpPoint[]; aggregationTemporality: number; isMonotonic: boolean }
  histogram?: { dataPoints: OtlpPoint[]; aggregationTemporality: number }
}
/** One of its points. */
export interface OtlpPoint {
  attributes: OtlpAttribute[]
  startTimeUnixNano: string
  timeUnixNano: string
  asInt?: number | string
  asDouble?: number
  count?: number | string
  sum?: number
  bucketCounts?: (number | string)[]
  explicitBounds?: number[]
}

/** A collector on this machine that keeps what it is sent as JSON, and the bytes of what it is sent otherwise. */
export interface Collector {
  url: string
  spans: OtlpSpan[]
  /** Every export, oldest first. */
  metrics: OtlpMetric[][]
  resources: OtlpAttribute[][]
  requests: { path: string; type: string | undefined; headers: Record<string, string | string[] | undefined>; body: Buffer }[]
  /** From now on it answers with this status; null: it does not answer at all. */
  answer(status: number | null): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a collector. */
export async function startCollector(): Promise<Collector> {
  const spans: OtlpSpan[] = []
  const metrics: OtlpMetric[][] = []
  const resources: OtlpAttribute[][] = []
  const requests: Collector['requests'] = []
  let status: number | null = 200
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const body = Buffer.concat(parts)
      const type = request.headers['content-type']
      requests.push({ path: request.url!, type, headers: request.headers, body })
      if (status === null) return
      if (status === 200 && type === 'application/json') take(JSON.parse(body.toString()) as Parameters<typeof take>[0])
      response.writeHead(status, { 'content-type': type ?? 'text/plain' }).end(type === 'application/json' ? '{}' : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  function take(message: {
    resourceSpans?: { resource: { attributes: OtlpAttribute[] }; scopeSpans: { scope: OtlpSpan['scope']; spans: Omit<OtlpSpan, 'scope'>[] }[] }[]
    resourceMetrics?: { resource: { attributes: OtlpAttribute[] }; scopeMetrics: { metrics: OtlpMetric[] }[] }[]
  }) {
    for (const { resource, scopeSpans } of message.resourceSpans ?? []) {
      resources.push(resource.attributes)
      for (const { scope, spans: own } of scopeSpans) spans.push(...own.map((span) => ({ ...span, scope })))
    }
    for (const { resource, scopeMetrics } of message.resourceMetrics ?? []) {
      resources.push(resource.attributes)
      metrics.push(scopeMetrics.flatMap((scope) => scope.metrics))
    }
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    resources,
    requests,
    answer: (next) => void (status = next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Attributes as a record; numbers as numbers. */
export function plain(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, unwrap(value)]))
}

function unwrap({ stringValue, boolValue, intValue, doubleValue, arrayValue }: OtlpValue): unknown {
  if (arrayValue) return arrayValue.values.map(unwrap)
  return stringValue ?? boolValue ?? doubleValue ?? Number(intValue)
}

/** Which field of OTLP holds each value: `string`, `bool`, `int`, `double`, `array`. */
export function typesOf(attributes: readonly OtlpAttribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.keys(value)[0]!.replace('Value', '')]))
}
