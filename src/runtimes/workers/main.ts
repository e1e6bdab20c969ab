import { registry, type RegisteredFunction } from '../../../functions/_registry.ts'
import { errors, type ErrorBody, type ErrorCode } from '../../contract/errors.ts'
import { resolveConfig } from '../../contract/function-config.ts'
import type { HandlerName } from '../../contract/function.ts'
import { createCronTable } from '../../routing/cron-table.ts'
import { createRouteTable } from '../../routing/route-table.ts'

type Env = Parameters<NonNullable<RegisteredFunction['handlers']['fetch']>>[1]

const handlerNames: readonly HandlerName[] = ['fetch', 'scheduled', 'queue']

const functions = registry.map(({ name, config, handlers }) => {
  const file = `functions/${name}.ts`
  const resolved = resolveConfig(name, file, config, handlerNames.filter((handler) => handlers[handler] !== undefined))
  return { name, file, handlers, routes: resolved.routes, schedules: resolved.schedules, queues: resolved.queues }
})
const byName = new Map(functions.map((entry) => [entry.name, entry.handlers]))
const consumers = new Map(functions.flatMap(({ queues, handlers }) => queues.map((queue) => [queue, handlers] as const)))
const routes = createRouteTable(functions)
const crons = createCronTable(functions)

function refuse(code: ErrorCode, headers: Record<string, string> = {}): Response {
  const { status, message } = errors[code]
  const body: ErrorBody = { error: { code, message, function: null, invocation: null } }
  return Response.json(body, { status, headers })
}

/** The whole project as one Worker: requests by route, ticks by cron, batches by queue, to the functions of the registry. */
export default {
  async fetch(request, env, ctx) {
    const match = routes.match(request.method, new URL(request.url).pathname)
    if (match.kind === 'method_not_allowed') return refuse(match.kind, { allow: match.allow.join(', ') })
    const fetch = match.kind === 'function' ? byName.get(match.name)?.fetch : undefined
    return fetch === undefined ? refuse('no_route') : fetch(request, env, ctx)
  },
  async scheduled(controller, env, ctx) {
    const names = new Set(crons.find(controller.cron).map((entry) => entry.function))
    await Promise.all([...names].map(async (name) => byName.get(name)?.scheduled?.(controller, env, ctx)))
  },
  async queue(batch, env, ctx) {
    const consumer = consumers.get(batch.queue)
    // Otherwise its messages would count as done.
    if (consumer?.queue === undefined) throw new Error(`no function consumes the queue ${batch.queue}; name it in a config.queues`)
    await consumer.queue(batch, env, ctx)
  },
} satisfies ExportedHandler<Env, never>
