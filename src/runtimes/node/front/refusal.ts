import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errors, type ErrorCode } from '../../../contract/errors.ts'
import { failureBody, type FailureAbout } from '../../../contract/failure.ts'

/** How long a client whose last answer is sent may take to close its side. */
const LINGER_MS = 1_000
/** More of a refused body is not read for the sake of keeping the connection. */
const MOST_SKIPPED_BYTES = 64 * 1024
/** After these nothing on the connection can be believed. */
const FATAL = new Set<ErrorCode>(['bad_request', 'request_timeout', 'headers_too_large'])

const closing = Symbol('closing')
type Marked = object & { [closing]?: boolean }

/** True from the moment the connection has its last answer: what follows on it is not served. */
export function isClosing(socket: object): boolean {
  return (socket as Marked)[closing] === true
}

/** Takes no more requests from this connection. */
export function markClosing(socket: object): void {
  ;(socket as Marked)[closing] = true
}

/**
 * Answers a request with an error of the catalogue. The connection is closed, a second later at most, when it cannot be
 * trusted any more or when the rest of the body is too long to be skipped.
 */
export function refuse(req: IncomingMessage, res: ServerResponse, code: ErrorCode, about: FailureAbout, headers: Record<string, string> = {}): void {
  if (res.headersSent) return void res.destroy()
  const body = req.method === 'HEAD' ? '' : JSON.stringify(failureBody(code, about))
  const close = FATAL.has(code) || longRest(req)
  const length = req.method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  res.writeHead(errors[code].status, { 'content-type': 'application/json', ...length, ...headers, ...(close ? { connection: 'close' } : {}) })
  if (!close) return void res.end(body)
  markClosing(req.socket)
  if (body === '') return void res.end()
  res.write(body, () => lastWords(req.socket))
  req.resume()
}

/** Sends no more, and takes what is still on its way: closed at once, the answer could be lost with it. */
function lastWords(socket: Duplex) {
  socket.end()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
}

function longRest(req: IncomingMessage): boolean {
  if (req.complete) return false
  const { expect, 'content-length': length, 'transfer-encoding': coding } = req.headers
  // Whoever waits for "100 Continue" may send the body or not: where the next request begins is unknown.
  return coding !== undefined || (expect !== undefined && length !== undefined) || Number(length) > MOST_SKIPPED_BYTES
}

/** Answers on the bare connection what never became a request, and closes it a second later at most. */
export function refuseRaw(socket: Duplex, code: ErrorCode, headers: Record<string, string> = {}): void {
  markClosing(socket)
  if (!socket.writable) return void socket.destroy()
  const { status } = errors[code]
  const body = JSON.stringify(failureBody(code))
  const lines = Object.entries({
    date: new Date().toUTCString(),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
    connection: 'close',
  })
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n${body}`)
  lastWords(socket)
}
