import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Head, Invocation, Invoke } from '../../../contract/invocation.ts'
import { bodiless, layOut, readableByAll, serverTiming } from '../../../egress/respond.ts'
import { admit, type IngressRules } from '../../../ingress/http.ts'
import type { RouteTable } from '../../../routing/route-table.ts'
import { chargeable } from '../../../metering/meter.ts'
import { requestBody } from './body.ts'
import { createConnections, holdToPace, WRITE_STALL_MS, type ConnectionLimits } from './connections.ts'
import { newInvocationId } from './invocation-ids.ts'
import { refuse as refuseWith } from './refusal.ts'
import { streamBody } from './stream-body.ts'

/** Larger bodies, and those of unknown length, are streamed to the function. */
const WHOLE_BODY = 64 * 1024

/** What the public port does with a request. */
export interface FrontOptions {
  rules: IngressRules
  routes(): RouteTable
  invoke: Invoke
  /** True while new calls are taken. */
  accepting(): boolean
  /** True from the moment a shutdown began: every answer closes its connection. */
  leaving(): boolean
  /** True for the operator's token: with it a caller may choose an alias. */
  trusts(token: string): boolean
  /** True when the function has this alias. */
  hasAlias(name: string, alias: string): boolean
  /** Tell callers what went wrong inside the function. */
  dev: boolean
  /** Answers what no function does, before 404: the endpoints of `dev`. */
  extras: Hono
  limits?: ConnectionLimits
}

/** Makes the public HTTP server. Functions are answered before Hono sees the request: it costs a tenth of the road (measured). */
export function createFront(options: FrontOptions): Server {
  const extras = getRequestListener(options.extras.fetch)
  const extra = new Set(options.extras.routes.map(({ path }) => path))

  const { limits = {} } = options
  const stallMs = limits.writeStallMs ?? WRITE_STALL_MS
  return createConnections(limits, { answer, refuse, rawHeaders: readableByAll })

  function answer(req: IncomingMessage, res: ServerResponse, expects: boolean) {
    const method = req.method!
    const admitted = admit(
      { method, target: req.url!, headers: req.rawHeaders, scheme: 'encrypted' in req.socket ? 'https' : 'http', httpVersion: req.httpVersion },
      options.rules,
    )
    if ('code' in admitted) return refuse(req, res, admitted.code, admitted.detail, admitted.code === 'method_not_allowed' ? { allow: '' } : {})
    const match = options.routes().match(method, admitted.path)
    if (match.kind !== 'function') {
      if (extra.has(admitted.path)) return void extras(req, res)
      if (match.kind === 'method_not_allowed') return refuse(req, res, 'method_not_allowed', `${method} is not among ${match.allow.join(', ')}`, { allow: match.allow.join(', ') })
      return refuse(req, res, 'no_route', `no function answers ${admitted.path}`)
    }
    const { alias, token, key } = admitted
    if (alias !== undefined && (token === undefined || !options.trusts(token))) {
      return refuse(req, res, 'unauthorized', 'pressroom-alias needs the admin token in pressroom-admin-token')
    }
    if (alias !== undefined && !options.hasAlias(match.name, alias)) return refuse(req, res, 'not_found', `${match.name} has no alias ${alias}`)
    const id = newInvocationId()
    if (!options.accepting()) {
      return refuse(req, res, 'overloaded', 'the host is shutting down', { 'retry-after': '1' }, { function: match.name, invocation: id })
    }
    const invocation: Invocation = {
      id,
      function: match.name,
      trigger: 'http',
      route: match.route,
      event: { type: 'fetch', method, url: admitted.url, headers: admitted.headers, body: null },
    }
    if (alias !== undefined) invocation.alias = alias
    if (key !== undefined) invocation.key = key
    if (admitted.bodyBytes === 0) return serve(req, res, invocation)
    if (expects) res.writeContinue()
    requestBody(req, admitted.bodyBytes, WHOLE_BODY, options.rules.maxBodyBytes).then(
      (body) => {
        ;(invocation.event as { body: unknown }).body = body.content
        serve(req, res, invocation, body.tooLarge)
      },
      () => res.destroy(),
    )
  }

  function serve(req: IncomingMessage, res: ServerResponse, invocation: Invocation, tooLarge?: Promise<void>) {
    const run = options.invoke(invocation)
    const stamp = { invocation: invocation.id, run, billedMs: chargeable }
    let over = false
    res.once('close', () => {
      if (!over) run.cancel()
    })
    const give = (head: Head) => {
      if (over || res.destroyed || res.headersSent) return
      if (head.type === 'response') {
        const { headers, length } = layOut(head, req.method!, stamp)
        try {
          if (options.leaving()) headers.push('connection', 'close')
          res.writeHead(head.status, head.statusText || undefined, headers)
        } catch (error) {
          return failed('exception', `the response cannot be sent: ${(error as Error).message}`)
        }
        const done = () => (over = true)
        if (bodiless(head.status, req.method!) || head.body === null || head.body instanceof Uint8Array) {
          if (head.body instanceof ReadableStream) {
            void head.body.cancel()
            return void res.end()
          }
          over = true
          if (head.body === null || bodiless(head.status, req.method!)) res.end()
          // As one string with the head it leaves in one write; latin1 keeps every byte.
          else if (head.body.length < 16 * 1024) res.end(Buffer.from(head.body.buffer, head.body.byteOffset, head.body.length).toString('latin1'), 'latin1')
          else res.end(head.body)
          holdToPace(res, stallMs)
        } else void streamBody(head, res, length, stallMs).then(done)
      } else if (head.type === 'failure') failed(head.code, head.detail, head.stack, head.retryAfter)
    }
    const failed = (code: ErrorCode, detail: string, stack?: string, retryAfter?: number) => {
      over = true
      const extraHeaders: Record<string, string> = { 'pressroom-invocation': invocation.id }
      if (retryAfter !== undefined) extraHeaders['retry-after'] = String(retryAfter)
      const timing = serverTiming(stamp)
      if (timing !== undefined) extraHeaders['server-timing'] = timing
      refuse(req, res, code, detail, extraHeaders, { function: invocation.function, invocation: invocation.id, ...(stack ? { stack } : {}) })
    }
    tooLarge?.then(
      () => {
        if (over || res.headersSent) res.destroy()
        else failed('body_too_large', `more than ${options.rules.maxBodyBytes} bytes came; raise --max-body`)
        run.cancel()
      },
      () => {},
    )
    run.head.then(give, () => res.destroy())
  }

  function refuse(
    req: IncomingMessage,
    res: ServerResponse,
    code: ErrorCode,
    detail: string,
    headers: Record<string, string> = {},
    about: { function?: string; invocation?: string; stack?: string } = {},
  ) {
    if (options.leaving()) headers['connection'] = 'close'
    // In `dev` errors tell of the function's inside: that is not for pages of other origins.
    const { origin, host } = req.headers
    const told = options.dev && (origin === undefined || origin.endsWith(`//${host}`))
    refuseWith(req, res, code, { ...about, detail: told ? detail : undefined, stack: told ? about.stack : undefined }, { ...headers, ...readableByAll })
    holdToPace(res, stallMs)
  }
}
