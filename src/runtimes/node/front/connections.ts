import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../../../contract/errors.ts'
import { isClosing, markClosing, refuseRaw } from './refusal.ts'

/** How long a client may take, and how many there may be. */
export interface ConnectionLimits {
  /** To send the head of a request, or the first byte on a new connection. Default: 10 s. */
  headersTimeoutMs?: number
  /** To send a whole request. Default: 15 min, the longest `timeout` of a function: an upload may take what its function may take. */
  requestTimeoutMs?: number
  /** To take the next bytes of an answer. Default: 30 s. */
  writeStallMs?: number
  /** Connections at once; from nine tenths on idle ones give way, beyond it new ones are closed. Default: 10,000. */
  maxConnections?: number
}

/** What is done with the requests of a server. */
export interface Answers {
  /** `expects`: the client waits for "100 Continue" before it sends the body. */
  answer(req: IncomingMessage, res: ServerResponse, expects: boolean): void
  refuse(req: IncomingMessage, res: ServerResponse, code: ErrorCode, detail: string): void
  /** Headers of refusals that never became a request. */
  rawHeaders?: Record<string, string>
}

/** Default of `writeStallMs`. */
export const WRITE_STALL_MS = 30_000
/** Shares of `maxConnections`: where room begins to be made, and how many more arrive until it is made again. */
const SHORTAGE = 0.9
const SHORTAGE_STEP = 0.05

const latest = Symbol('latest answer')
type Connection = Socket & { [latest]?: ServerResponse }
const openOf = new WeakMap<Server, Set<Socket>>()

/**
 * Makes an HTTP server that answers everything in the catalogue's shape, what node's parser refuses included: in the order
 * of the requests, never in the middle of another answer, and nothing after a broken request is served.
 */
export function createConnections(limits: ConnectionLimits, { answer, refuse, rawHeaders }: Answers): Server {
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 900_000, maxConnections = 10_000 } = limits
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(2_000, Math.ceil(Math.min(headersTimeoutMs, requestTimeoutMs) / 5)),
    keepAliveTimeout: 65_000,
    maxHeaderSize: 32 * 1024,
    noDelay: true,
    // Node would answer by itself.
    requireHostHeader: false,
  })
  server.maxRequestsPerSocket = 0
  server.maxConnections = maxConnections

  /** False for what follows the last answer of a connection. */
  const taken = (req: IncomingMessage, res: ServerResponse): boolean => {
    if (isClosing(req.socket)) return false
    ;(req.socket as Connection)[latest] = res
    return true
  }
  server.on('request', (req, res) => {
    if (taken(req, res)) answer(req, res, false)
  })
  server.on('checkContinue', (req, res) => {
    if (taken(req, res)) answer(req, res, true)
  })
  server.on('checkExpectation', (req, res) => {
    if (taken(req, res)) refuse(req, res, 'expectation_failed', `expect: ${req.headers.expect}`)
  })
  server.on('connect', (_req, socket) => {
    socket.on('error', () => socket.destroy())
    // Inside a tunnel's handshake nobody else writes for the answers before it.
    if (underWay(socket)) socket.destroy()
    else refuseRaw(socket, 'method_not_allowed', { allow: '', ...rawHeaders })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (isClosing(socket)) return
    const before = (socket as Connection)[latest]
    const silent = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && (socket as Socket).bytesRead === 0
    if (silent || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    const code = codeOf(error)
    if (before && !before.req.complete) {
      // The broken one has a turn of its own, or has had its answer.
      if (before.headersSent) socket.destroy()
      else refuse(before.req, before, code, error.message)
    } else if (underWay(socket)) {
      markClosing(socket)
      const late = setTimeout(() => socket.destroy(), requestTimeoutMs)
      socket.once('close', () => clearTimeout(late))
      before?.once('finish', () => refuseRaw(socket, code, rawHeaders))
    } else refuseRaw(socket, code, rawHeaders)
  })
  // Idle ones have had their time; of those with an answer under way only the ones that do not read.
  server.on('timeout', (socket) => {
    if (socket.writableLength > 0 || !underWay(socket)) socket.destroy()
  })
  makeRoom(server, maxConnections)
  return server
}

/**
 * Closes the connections of a server of `createConnections` that have no answer under way. Node's own
 * `closeIdleConnections` would cut answers that are complete but not yet taken by their reader.
 */
export function closeIdle(server: Server): void {
  for (const socket of openOf.get(server) ?? []) if (!underWay(socket)) socket.destroy()
}

/** Ends the connection when the client takes none of what waits for it within `stallMs`. To be called after a write. */
export function holdToPace(res: ServerResponse, stallMs: number): void {
  if (res.writableLength === 0) return
  const { socket } = res
  if (socket === null) res.once('socket', (late: Socket) => late.setTimeout(stallMs))
  else if (socket.timeout !== stallMs) socket.setTimeout(stallMs)
}

function underWay(socket: Duplex): boolean {
  const answer = (socket as Connection)[latest]
  return answer !== undefined && !answer.writableFinished
}

function codeOf({ code }: NodeJS.ErrnoException): ErrorCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request'
}

/**
 * When connections run short, some of those that wait between two requests give way to new ones, the oldest first; never
 * one that has just come.
 */
function makeRoom(server: Server, most: number) {
  const open = new Set<Socket>()
  openOf.set(server, open)
  const step = Math.max(1, most * SHORTAGE_STEP)
  let arrived = 0
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // Not at every arrival: looking through all connections takes its time.
    if (open.size < most * SHORTAGE || ++arrived < step) return
    arrived = 0
    let closed = 0
    for (const other of open) {
      if (!waits(other)) continue
      other.destroy()
      if (++closed >= 2 * step) return
    }
  })
}

/** True between an answer and the next request. */
function waits(socket: Connection): boolean {
  const answer = socket[latest]
  return answer !== undefined && answer.writableFinished && answer.req.complete
}
