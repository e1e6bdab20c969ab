import { PressroomError } from '../../contract/errors.ts'
import type { FlatHeaders, InvocationEvent, MessageContentType, QueueMessage, RequestEvent } from '../../contract/invocation.ts'
import { readBody, readMoment, readRecord, refuse, type Fields } from './fields.ts'

/** What a field that was left out is taken for. */
export interface InvokeDefaults {
  /** Name of the function: the path of a request without a URL. */
  function: string
  /** Milliseconds since 1970: the time of a tick, and when messages were sent. */
  now: number
  makeId(): string
}

/** Most messages of one batch, as a queue delivers them. */
const MOST_MESSAGES = 100
const MOST_HEADER_CHARACTERS = 32 * 1024
const MOST_URL = 16 * 1024
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What a header may hold: visible characters, spaces and tabs, each of one byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Of the connection, which here there is none of. */
const CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'http2-settings'])
const contentTypes = ['json', 'text', 'bytes', 'v8'] as const satisfies readonly MessageContentType[]

/**
 * Reads the event that somebody hands in: `{"request": …}`, `{"scheduled": …}` or `{"queue": …}`, the form in which events are kept, too.
 * @throws PressroomError `bad_request` naming field, what was expected and what was found
 */
export function readEvent(raw: unknown, defaults: InvokeDefaults): InvocationEvent {
  const body = readRecord(raw, 'body', ['request', 'scheduled', 'queue'], 'an object with one of request, scheduled, queue')
  const given = Object.keys(body)
  if (given.length !== 1) throw refuse('body', 'exactly one of request, scheduled, queue', given)
  if ('request' in body) return readRequest(body['request'], defaults)
  if ('scheduled' in body) return readTick(body['scheduled'], defaults)
  return readBatch(body['queue'], defaults)
}

function readRequest(raw: unknown, { function: name }: InvokeDefaults): RequestEvent {
  const request = readRecord(raw, 'request', ['method', 'url', 'headers', 'body', 'bodyBase64'])
  const body = readBody(request, 'request')
  const method = readMethod(request['method'], body !== undefined)
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) throw refuse('request.body', `nothing, as ${method} carries no body`, request['body'] ?? request['bodyBase64'])
  const url = readUrl(request['url'], name)
  const headers = readHeaders(request['headers'])
  const all: FlatHeaders = []
  let host = false
  for (let i = 0; i < headers.length; i += 2) {
    // What a body's length is, the body says.
    if (headers[i] === 'content-length') continue
    host ||= headers[i] === 'host'
    all.push(headers[i]!, headers[i + 1]!)
  }
  if (!host) all.unshift('host', new URL(url).host)
  if (body) all.push('content-length', String(body.length))
  return { type: 'fetch', method, url, headers: all, body: body && body.length > 0 ? body : null }
}

function readMethod(raw: unknown, hasBody: boolean): string {
  if (raw === undefined) return hasBody ? 'POST' : 'GET'
  if (typeof raw !== 'string' || !TOKEN.test(raw)) throw refuse('request.method', 'an HTTP method such as POST', raw)
  const upper = raw.toUpperCase()
  if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw refuse('request.method', 'a method that a Request can carry', raw)
  return ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].includes(upper) ? upper : raw
}

/** A path is completed to the machine's own name; a name alone says where a function's requests go by default. */
function readUrl(raw: unknown, name: string): string {
  const text = raw === undefined ? `/${name}` : raw
  const expected = 'a path such as /hello?x=1, or an http or https URL'
  if (typeof text !== 'string' || !/^(\/|https?:\/\/)/i.test(text)) throw refuse('request.url', expected, raw)
  if (text.length > MOST_URL) throw refuse('request.url', `at most ${MOST_URL} characters`, text)
  const whole = text.startsWith('/') ? `http://localhost${text}` : text
  if (!URL.canParse(whole)) throw refuse('request.url', expected, raw)
  const url = new URL(whole)
  if (url.username !== '' || url.password !== '') throw refuse('request.url', 'a URL without a password', `${url.origin}…`)
  url.hash = ''
  return url.href
}

/** `{name: value}`, `{name: [value, value]}` or `[[name, value]]`. */
function readHeaders(raw: unknown): FlatHeaders {
  if (raw === undefined) return []
  const pairs = Array.isArray(raw) ? raw.map(toPair) : Object.entries(readRecord(raw, 'request.headers', undefined, 'an object or an array of pairs')).flatMap(([name, value]) => {
    return Array.isArray(value) ? value.map((one: unknown) => [name, one] as const) : [[name, value] as const]
  })
  const headers: FlatHeaders = []
  let characters = 0
  for (const [name, value] of pairs) {
    if (!TOKEN.test(name)) throw refuse('request.headers', 'names of letters, digits and -', name)
    const lower = name.toLowerCase()
    if (CONNECTION.has(lower)) throw refuse(`request.headers.${lower}`, 'no header of a connection, since there is none', value)
    if (typeof value !== 'string' || !VALUE.test(value)) throw refuse(`request.headers.${lower}`, 'a string without line breaks, each character of one byte', value)
    if (lower === 'host' && !URL.canParse(`http://${value}/`)) throw refuse('request.headers.host', 'the name of a host', value)
    characters += name.length + value.length
    headers.push(lower, value.trim())
  }
  if (characters > MOST_HEADER_CHARACTERS) throw refuse('request.headers', `at most ${MOST_HEADER_CHARACTERS} characters`, characters)
  return headers
}

function toPair(raw: unknown, index: number): readonly [string, unknown] {
  if (Array.isArray(raw) && raw.length === 2 && typeof raw[0] === 'string') return [raw[0], raw[1]]
  throw refuse(`request.headers[${index}]`, 'a pair [name, value]', raw)
}

function readTick(raw: unknown, { now }: InvokeDefaults): InvocationEvent {
  const tick = readRecord(raw, 'scheduled', ['cron', 'time'])
  const { cron = '', time } = tick
  if (typeof cron !== 'string' || cron.length > 256) throw refuse('scheduled.cron', 'a cron expression', cron)
  return { type: 'scheduled', cron, scheduledTime: readMoment(time, 'scheduled.time') ?? now }
}

function readBatch(raw: unknown, defaults: InvokeDefaults): InvocationEvent {
  const batch = readRecord(raw, 'queue', ['queue', 'messages'])
  const { queue, messages } = batch
  if (typeof queue !== 'string' || queue === '' || queue.length > 256) throw refuse('queue.queue', 'the name of a queue', queue)
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MOST_MESSAGES) {
    throw refuse('queue.messages', `an array of 1 to ${MOST_MESSAGES} messages`, Array.isArray(messages) ? messages.length : messages)
  }
  const read = messages.map((message, index) => readMessage(message, `queue.messages[${index}]`, defaults))
  const ids = new Set(read.map(({ id }) => id))
  if (ids.size < read.length) throw refuse('queue.messages', 'an id of its own for each message', read.map(({ id }) => id).find((id, index, all) => all.indexOf(id) < index))
  return { type: 'queue', queue, messages: read }
}

function readMessage(raw: unknown, at: string, { now, makeId }: InvokeDefaults): QueueMessage {
  const message = readRecord(raw, at, ['body', 'bodyBase64', 'contentType', 'id', 'timestamp', 'attempts'])
  const { id = makeId(), attempts = 1, timestamp } = message
  if (typeof id !== 'string' || id === '' || id.length > 256) throw refuse(`${at}.id`, 'a string that is not empty', id)
  if (!Number.isInteger(attempts) || Number(attempts) < 1 || Number(attempts) > 1_000_000) throw refuse(`${at}.attempts`, 'a whole number from 1', attempts)
  return { id, timestamp: readMoment(timestamp, `${at}.timestamp`) ?? now, attempts: Number(attempts), ...readContent(message, at) }
}

/** A JSON body is any value; without a type, what is given in base64 is bytes. */
function readContent(message: Fields, at: string): Pick<QueueMessage, 'contentType' | 'body'> {
  const given = message['contentType'] ?? (message['bodyBase64'] === undefined ? 'json' : 'bytes')
  const contentType = contentTypes.find((one) => one === given)
  if (!contentType) throw refuse(`${at}.contentType`, `one of ${contentTypes.join(', ')}`, given)
  if (message['bodyBase64'] === undefined && contentType === 'json') {
    if (message['body'] === undefined) throw refuse(`${at}.body`, 'a JSON value', undefined)
    return { contentType, body: new TextEncoder().encode(JSON.stringify(message['body'])) }
  }
  if (message['bodyBase64'] === undefined && contentType !== 'text') throw refuse(`${at}.bodyBase64`, `the bytes of a ${contentType} message in base64`, undefined)
  const body = readBody(message, at)
  if (!body) throw refuse(`${at}.body`, 'a string', undefined)
  if (contentType === 'json') assertJson(body, at)
  return { contentType, body }
}

function assertJson(body: Uint8Array, at: string): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    throw new PressroomError('bad_request', `${at}.bodyBase64: expected JSON, as its contentType says, found something else`)
  }
}
