import type { Attributes } from '@opentelemetry/api'
import { EXCEPTION, formerNames, names } from './names.ts'
import type { InvocationRecord } from './record.ts'

const MIB = 1024 * 1024
/** The methods that the HTTP conventions know; any other is told as `_OTHER`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])

/** The attributes of an invocation's server span, after the conventions for functions and, woken by HTTP, for HTTP servers. */
export function attributesOf(record: InvocationRecord): Attributes {
  const { outcome, trigger } = record
  const attributes: Attributes = {
    [names.faasName]: record.function,
    [names.faasTrigger]: trigger,
    [names.faasInvocationId]: record.id,
    [formerNames.faasInvocationId]: record.id,
    [names.outcome]: outcome,
  }
  if (record.instance) {
    attributes[names.faasInstance] = record.instance
    attributes[names.faasColdstart] = record.cold
    attributes[names.billedMs] = record.billedMs
    attributes[names.costUsd] = record.costPico / 1e12
    attributes[names.initMs] = micros(record.initMs)
    attributes[names.runMs] = micros(record.runMs)
    attributes[names.cpuMs] = micros(record.cpuMs)
    if (record.memoryBytes > 0) attributes[names.memoryBytes] = record.memoryBytes
  }
  attributes[names.queueMs] = micros(record.queueMs)
  if (record.revision) attributes[names.faasVersion] = record.revision
  if (record.memoryMib > 0) attributes[names.faasMaxMemory] = record.memoryMib * MIB
  if (trigger === 'http') addHttp(attributes, record)
  else if (trigger === 'timer') {
    attributes[names.faasCron] = record.method
    attributes[names.faasStartTime] = attributes[formerNames.faasTime] = new Date(record.scheduledTime).toISOString()
  }
  // A batch of messages, whatever they stand for.
  else if (record.method !== '') addMessaging(attributes, record)
  if (trigger === 'datasource') addDocument(attributes, record)
  const type = errorType(record)
  if (type !== undefined) attributes[names.errorType] = type
  return attributes
}

/** True when the span's status is an error: the host's or the function's failure, never the caller's. */
export function isError({ outcome, status }: InvocationRecord): boolean {
  if (outcome === 'ok') return status >= 500
  return outcome !== 'canceled' && outcome !== 'skipped' && outcome !== 'throttled'
}

/** The event that a failure leaves on its span; undefined when nothing was thrown. */
export function exceptionOf({ outcome, detail }: InvocationRecord): { name: string; attributes: Attributes } | undefined {
  if (detail === '' || (outcome !== 'exception' && outcome !== 'init_failed')) return undefined
  const [first = ''] = detail.split('\n', 1)
  const { type, message } = /^(?<type>[A-Za-z_$][\w$.]*): (?<message>[\s\S]*)$/.exec(first)?.groups ?? {}
  const attributes: Attributes = { [names.exceptionType]: type ?? outcome, [names.exceptionMessage]: message ?? first }
  if (detail.length > first.length) attributes[names.exceptionStack] = detail
  return { name: EXCEPTION, attributes }
}

/** Of a batch of notifications the first tells for all, since the conventions know one document. */
function addDocument(attributes: Attributes, { url: notice }: InvocationRecord): void {
  let told: { bucket?: unknown; action?: unknown; eventTime?: unknown; object?: { key?: unknown } }
  try {
    told = JSON.parse(notice) as typeof told
  } catch {
    // Somebody else sent it to that queue.
    return
  }
  attributes[names.documentCollection] = String(told.bucket)
  attributes[names.documentOperation] = told.action === 'DeleteObject' ? 'delete' : 'insert'
  attributes[names.documentTime] = String(told.eventTime)
  attributes[names.documentName] = String(told.object?.key)
}

/** To the microsecond, as the ledger keeps it. */
function micros(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function errorType(record: InvocationRecord): string | undefined {
  const { outcome, status } = record
  if (outcome === 'ok') return status >= 500 ? String(status) : undefined
  // A tick that was skipped is no failure.
  if (outcome === 'skipped') return undefined
  return String(exceptionOf(record)?.attributes[names.exceptionType] ?? outcome)
}

function addHttp(attributes: Attributes, { method, url, route, status, userAgent }: InvocationRecord): void {
  if (METHODS.has(method)) attributes[names.httpMethod] = method
  else {
    attributes[names.httpMethod] = '_OTHER'
    attributes[names.httpMethodOriginal] = method
  }
  addUrl(attributes, url)
  if (route) attributes[names.httpRoute] = route
  if (status > 0) attributes[names.httpStatus] = status
  if (userAgent) attributes[names.userAgent] = userAgent
  attributes[names.protocolName] = 'http'
}

/** `process`: the messages are handed to the function, as the conventions call that. */
function addMessaging(attributes: Attributes, { method: queue, scheduledTime: count }: InvocationRecord): void {
  attributes[names.messagingSystem] = 'pressroom'
  attributes[names.messagingDestination] = queue
  attributes[names.messagingOperation] = attributes[names.messagingOperationType] = 'process'
  attributes[names.messagingBatchCount] = count
}

/** Parameters whose values open something: the conventions ask for a query without them. */
const secretParameters = /(?<=^|&)(key|api_?key|token|access_token|secret|password|sig|signature|AWSAccessKeyId|X-Goog-Signature|X-Amz-(?:Signature|Security-Token))=[^&]*/gi

/** A query, without its question mark, as spans show it: what opens something is replaced by `REDACTED`. */
export function withoutSecrets(query: string): string {
  return query.replace(secretParameters, '$1=REDACTED')
}

/** The ingress has checked it: `scheme://host[:port]/path[?query]`; taken apart by hand, since this runs for every call. */
function addUrl(attributes: Attributes, url: string): void {
  const schemeEnd = url.indexOf('://')
  if (schemeEnd < 0) return
  const scheme = url.slice(0, schemeEnd)
  const hostStart = schemeEnd + 3
  const question = url.indexOf('?', hostStart)
  const end = question < 0 ? url.length : question
  const slash = url.indexOf('/', hostStart)
  const hostEnd = slash < 0 || slash > end ? end : slash
  // The last colon, unless it is one inside the brackets of an IPv6 address.
  const colon = url.lastIndexOf(':', hostEnd - 1)
  const hasPort = colon >= hostStart && colon > url.lastIndexOf(']', hostEnd - 1)
  attributes[names.urlScheme] = scheme
  attributes[names.urlPath] = hostEnd < end ? url.slice(hostEnd, end) : '/'
  if (question >= 0 && question + 1 < url.length) attributes[names.urlQuery] = withoutSecrets(url.slice(question + 1))
  attributes[names.serverAddress] = url.slice(hostStart, hasPort ? colon : hostEnd)
  attributes[names.serverPort] = hasPort ? Number(url.slice(colon + 1, hostEnd)) : scheme === 'https' ? 443 : 80
}
