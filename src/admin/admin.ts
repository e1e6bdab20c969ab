import { Hono } from 'hono'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { errors, PressroomError, type ErrorCode } from '../contract/errors.ts'
import { failureBody, type FailureAbout } from '../contract/failure.ts'
import type { Events } from '../host/events/events.ts'
import type { Operator } from '../host/operator.ts'
import type { Buckets } from '../ports/buckets.ts'
import type { LogHistory } from '../ports/log.ts'
import type { TelemetryReader } from '../ports/telemetry.ts'
import { bucketRoutes, OBJECT_PATH } from './kept/bucket-routes.ts'
import { deployRoutes } from './deploy-routes.ts'
import { dlqRoutes } from './dlq-routes.ts'
import { invoiceRoutes } from './invoice-routes.ts'
import { INVOKE_PATH, invokeRoutes } from './invoke-routes.ts'
import { ledgerRoutes } from './ledger-routes.ts'
import { logRoutes } from './log-routes.ts'
import { secretRoutes, type SecretKeeper } from './kept/secret-routes.ts'
import { telemetryRoutes } from './telemetry-routes.ts'
import { UPLOAD_PATH, uploadRoutes, type Uploads } from './upload-routes.ts'

/** Who may call the operator's API. */
export interface AdminOptions {
  /** Demanded of every call but `/healthz` and `/readyz` when set. */
  token?: string
  /** Host names it answers to beside the loopback names. */
  hosts: readonly string[]
  /** True when it listens on the loopback interface. */
  loopback: boolean
  /** Told what went wrong inside the host; callers are not. */
  onError?(error: unknown): void
  /** The last lines of the host's log; without them `/logs` answers 404. */
  logs?: LogHistory
  /** Takes in code; without it uploads answer 404. */
  uploads?: Uploads
  /** Runs functions with events of no trigger; without it `/functions/{name}/invocations`, `/failures` and `/dead-letters` answer 404. */
  events?: Events
  /** Without it `/secrets` answers 404. */
  secrets?: SecretKeeper
  /** Without them `/buckets` answers 404. */
  buckets?: Buckets
  /** Without it `/metrics` and `/traces` answer 404. */
  telemetry?: TelemetryReader
  /** Milliseconds since 1970; default: the machine's. */
  now?(): number
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const LARGEST_BODY_BYTES = 64 * 1024

/**
 * Refuses to offer the operator's API to a network without a token.
 * @throws PressroomError `bad_option`
 */
export function assertAdminAllowed(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return
  throw new PressroomError(
    'bad_option',
    `--host ${host} offers the operator's API to the network: set PRESSROOM_ADMIN_TOKEN, or listen on 127.0.0.1`,
  )
}

/** True for the addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Makes the operator's API. A foreign `Host` is refused before anything else, since a page in the operator's browser can
 * point a name of its own at this port; a change needs a content type that such a page cannot send unasked.
 * @throws PressroomError `bad_option` when it would be open to a network without a token
 */
export function createAdmin(operator: Operator, options: AdminOptions): Hono {
  if (!options.loopback) assertAdminAllowed(options.hosts[0] ?? '0.0.0.0', options.token)
  const app = new Hono()
  app.use(knownHost(options), bearer(options.token), jsonChanges)
  // Objects are as large as the disk; uploads and events are bounded where they are taken in.
  const small = bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: (c) => refuse(c, 'body_too_large') })
  app.use((c, next) => (c.req.method === 'POST' && (UPLOAD_PATH.test(c.req.path) || INVOKE_PATH.test(c.req.path)) || isObject(c) ? next() : small(c, next)))
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => (operator.ready() ? c.json({ status: 'ready' }) : c.json({ status: 'not ready' }, 503)))
  app.get('/functions', (c) => c.json({ functions: operator.functions() }))
  app.get('/schedules', async (c) => c.json({ schedules: await operator.schedules() }))
  app.get('/queues', async (c) => c.json({ queues: await operator.queues() }))
  app.post('/schedules/fire', async (c) => {
    const body = await c.req.json<unknown>().catch(() => undefined)
    if (!isFire(body)) return refuse(c, 'bad_request', { detail: 'expected {"function": string, "cron": string, "time"?: ISO 8601 or milliseconds}' })
    const time = body.time === undefined ? undefined : moment(body.time)
    if (Number.isNaN(time)) {
      return refuse(c, 'bad_request', { detail: `time: expected ISO 8601 with a zone, or milliseconds since 1970, found ${JSON.stringify(body.time)}` })
    }
    return c.json(await operator.fire(body.function, body.cron, time))
  })
  app.route('/', ledgerRoutes(operator))
  app.route('/', invoiceRoutes(operator, options.now ?? Date.now))
  app.route('/', uploadRoutes(options.uploads))
  app.route('/', invokeRoutes(options.events, options.logs))
  app.route('/', dlqRoutes(options.events))
  app.route('/', deployRoutes(operator.deployments))
  app.route('/', secretRoutes(options.secrets))
  app.route('/', bucketRoutes(options.buckets))
  app.route('/', logRoutes(options.logs))
  app.route('/', telemetryRoutes(options.telemetry))
  app.notFound((c) => {
    const known = app.routes.filter(({ path, method }) => path === c.req.path && method !== 'ALL').map(({ method }) => method)
    if (known.length === 0) return refuse(c, 'not_found')
    c.header('allow', (known.includes('GET') ? [...known, 'HEAD'] : known).join(', '))
    return refuse(c, 'method_not_allowed')
  })
  app.onError((error, c) => {
    const code = (error as { code?: unknown }).code
    // Only the host's own words reach the caller; what else failed is for the log.
    if (typeof code === 'string' && code in errors) return refuse(c, code as ErrorCode, { detail: error.message })
    options.onError?.(error)
    return refuse(c, 'exception')
  })
  return app
}

function knownHost({ hosts, token }: AdminOptions): MiddlewareHandler {
  const known = new Set([...loopbackNames, ...hosts.map((host) => (host.includes(':') ? `[${host}]` : host).toLowerCase())])
  // Listening on every address, the host's own names are not known: there the token is the guard.
  const anyName = token !== undefined && hosts.some((host) => host === '0.0.0.0' || host === '::')
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase()
    if (host === '' || !(anyName || known.has(host))) return refuse(c, 'wrong_host')
    return next()
  }
}

function bearer(token: string | undefined): MiddlewareHandler {
  const expected = token === undefined ? undefined : digest(token)
  return async (c, next) => {
    const open = c.req.path === '/healthz' || c.req.path === '/readyz'
    if (expected === undefined || open) return next()
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (given !== undefined && sameBytes(await digest(given), await expected)) return next()
    c.header('www-authenticate', 'Bearer')
    return refuse(c, 'unauthorized')
  }
}

const jsonChanges: MiddlewareHandler = async (c, next) => {
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (!reads && !isObject(c) && !/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) return refuse(c, 'unsupported_media_type')
  return next()
}

function isObject(c: Context): boolean {
  return (c.req.method === 'PUT' || c.req.method === 'DELETE') && OBJECT_PATH.test(c.req.path)
}

function refuse(c: Context, code: ErrorCode, about?: FailureAbout): Response {
  return c.json(failureBody(code, about), errors[code].status)
}

function isFire(body: unknown): body is { function: string; cron: string; time?: string | number } {
  if (typeof body !== 'object' || body === null) return false
  const { function: name, cron, time } = body as Record<string, unknown>
  return typeof name === 'string' && typeof cron === 'string' && (time === undefined || typeof time === 'string' || typeof time === 'number')
}

/** Milliseconds since 1970, or NaN. */
function moment(time: string | number): number {
  if (typeof time === 'string' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(time)) return Number.NaN
  return new Date(time).getTime()
}

/** Takes the same time wherever the first difference is; equal lengths are given. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, index) => difference | (byte ^ (b[index] ?? 0)), 0) === 0
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
