import { Hono } from 'hono'
import type { Context } from 'hono'
import { errors, PressroomError, type ErrorCode } from '../contract/errors.ts'
import { failureBody } from '../egress/failure.ts'
import type { Operator } from '../host/operator.ts'

/** Who may call the operator's API. */
export interface AdminOptions {
  /** Demanded of every call when set. */
  token?: string
  /** Host names it answers to beside the loopback names. */
  hosts: readonly string[]
  /** True when it listens on the loopback interface. */
  loopback: boolean
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Refuses to offer the operator's API to a network without a token.
 * @throws PressroomError `bad_option`
 */
export function assertAdminAllowed(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return
  throw new PressroomError('bad_option', `--host ${host} offers the operator's API to the network: set PRESSROOM_ADMIN_TOKEN (16 characters or more), or listen on 127.0.0.1`)
}

/** True for the addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

/**
 * Makes the operator's API. A foreign `Host` is refused before anything else, since a page in the operator's browser can
 * point a name of its own at this port.
 */
export function createAdmin(operator: Operator, options: AdminOptions): Hono {
  const app = new Hono()
  const hosts = new Set([...LOOPBACK, ...options.hosts.map((host) => (host.includes(':') ? `[${host}]` : host))])
  const any = options.hosts.some((host) => host === '0.0.0.0' || host === '::')

  app.use(async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase()
    // Listening on every address, the host's own names are not known: there the token is the guard.
    if (!hosts.has(host) && !(any && options.token)) return refuse(c, 'wrong_host')
    const open = c.req.path === '/healthz' || c.req.path === '/readyz'
    if (options.token && !open && !(await sameToken(c.req.header('authorization'), options.token))) {
      c.header('www-authenticate', 'Bearer')
      return refuse(c, 'unauthorized')
    }
    const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (changes && !/^application\/json\b/i.test(c.req.header('content-type') ?? '')) return refuse(c, 'unsupported_media_type')
    return next()
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => (operator.ready() ? c.json({ status: 'ready' }) : c.json({ status: 'not ready' }, 503)))
  app.get('/functions', (c) => c.json({ functions: operator.functions() }))
  app.get('/schedules', async (c) => c.json({ schedules: await operator.schedules() }))
  app.post('/schedules/fire', async (c) => {
    const body = await c.req.json<unknown>().catch(() => undefined)
    if (!isFire(body)) return refuse(c, 'bad_request', 'expected {"function": string, "cron": string, "time"?: ISO 8601 or milliseconds}')
    const time = body.time === undefined ? undefined : new Date(body.time).getTime()
    if (Number.isNaN(time)) return refuse(c, 'bad_request', `time: expected ISO 8601 or milliseconds, found ${JSON.stringify(body.time)}`)
    return c.json(await operator.fire(body.function, body.cron, time))
  })
  app.notFound((c) => {
    const known = app.routes.filter(({ path, method }) => path === c.req.path && method !== 'ALL').map(({ method }) => method)
    if (known.length === 0) return refuse(c, 'not_found')
    c.header('allow', (known.includes('GET') ? [...known, 'HEAD'] : known).join(', '))
    return refuse(c, 'method_not_allowed')
  })
  app.onError((error, c) => {
    const code = error instanceof PressroomError && error.code in errors ? (error.code as ErrorCode) : 'exception'
    return refuse(c, code, error.message)
  })
  return app
}

function refuse(c: Context, code: ErrorCode, detail?: string) {
  return c.json(failureBody(code, { detail }), errors[code].status as 400)
}

function isFire(body: unknown): body is { function: string; cron: string; time?: string | number } {
  if (typeof body !== 'object' || body === null) return false
  const { function: name, cron, time } = body as Record<string, unknown>
  return typeof name === 'string' && typeof cron === 'string' && (time === undefined || typeof time === 'string' || typeof time === 'number')
}

/** Compares digests, so that time tells nothing of the token. */
async function sameToken(header: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? ''
  const [a, b] = await Promise.all([digest(given), digest(token)])
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
