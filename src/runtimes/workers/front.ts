import { errors, type ErrorCode } from '../../contract/errors.ts'
import { failureBody } from '../../contract/failure.ts'
import type { FlatHeaders, Head, Invocation, Run } from '../../contract/invocation.ts'
import { readableByAll, serverTiming } from '../../egress/respond.ts'
import { admit } from '../../ingress/http.ts'
import { chargeable } from '../../metering/meter.ts'
import type { RouteTable } from '../../routing/route-table.ts'
import { stampAnswer } from './answer.ts'
import type { Arrival } from './deliver.ts'
import type { ReadyFunction } from './functions.ts'

/** The same as the default on Node; the platform has a limit of its own. */
const rules = { maxBodyBytes: 100 * 1024 * 1024, trustProxy: false }

/** What the front needs of its Worker. */
export interface FrontParts {
  routes: RouteTable
  find(name: string): ReadyFunction
  invoke(invocation: Invocation, arrival: Arrival): Run
}

/** Answers requests: checked and routed as on Node, refused with the same codes. */
export function createFront({ routes, find, invoke }: FrontParts): (request: Request, ctx: ExecutionContext) => Promise<Response> {
  return async (request, ctx) => {
    const { method, url } = request
    const { origin, protocol } = new URL(url)
    const admitted = admit({ method, target: url.slice(origin.length), headers: flat(request.headers), scheme: protocol.slice(0, -1), httpVersion: '1.1' }, rules)
    if ('code' in admitted) return refuse(method, admitted.code, admitted.code === 'method_not_allowed' ? { allow: '' } : {})
    const match = routes.match(method, admitted.path)
    if (match.kind === 'method_not_allowed') return refuse(method, match.kind, { allow: match.allow.join(', ') })
    if (match.kind === 'no_route') return refuse(method, match.kind)
    // There are no aliases here, and so no token that could open them.
    if (admitted.alias !== undefined) return refuse(method, 'unauthorized')

    const target = find(match.name)
    const invocation: Invocation = {
      id: crypto.randomUUID(),
      function: match.name,
      trigger: 'http',
      route: match.route,
      event: { type: 'fetch', method, url: admitted.url, headers: admitted.headers, body: null },
    }
    const arrival: Arrival = {
      target,
      ctx,
      method,
      gone: request.signal,
      call: (env, context, signal) => target.handlers.fetch!(asSeen(request, admitted.headers, signal) as never, env, context),
    }
    const run = invoke(invocation, arrival)
    return give(await run.head, invocation, run, arrival)
  }
}

/** The request without what is for the host or the connection alone. */
function asSeen(request: Request, headers: FlatHeaders, signal: AbortSignal): Request {
  const seen = new Headers()
  for (let i = 0; i < headers.length; i += 2) seen.append(headers[i]!, headers[i + 1]!)
  return new Request(request, { headers: seen, signal })
}

function give(head: Head, invocation: Invocation, run: Run, { method, answer }: Arrival): Response {
  const stamp = { invocation: invocation.id, run, billedMs: chargeable }
  if (head.type === 'failure') {
    const timing = serverTiming(stamp)
    const headers = { 'pressroom-invocation': invocation.id, ...(timing === undefined ? {} : { 'server-timing': timing }) }
    return refuse(method!, head.code, headers, { function: invocation.function, invocation: invocation.id })
  }
  return stampAnswer(answer!, stamp)
}

function refuse(method: string, code: ErrorCode, headers: Record<string, string> = {}, about: { function?: string; invocation?: string } = {}): Response {
  const body = method === 'HEAD' ? null : JSON.stringify(failureBody(code, about))
  return new Response(body, { status: errors[code].status, headers: { 'content-type': 'application/json', ...headers, ...readableByAll } })
}

function flat(headers: Headers): FlatHeaders {
  const pairs: FlatHeaders = []
  for (const [name, value] of headers) pairs.push(name, value)
  return pairs
}
