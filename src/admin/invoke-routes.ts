import { Hono } from 'hono'
import type { Context } from 'hono'
import { PressroomError } from '../contract/errors.ts'
import type { Events } from '../host/events/events.ts'
import type { InvokeView } from '../host/events/views.ts'
import type { LogHistory } from '../ports/log.ts'
import { onlyKnown, readWholeNumber } from './query.ts'

/** An invocation as its answer tells it. */
export interface InvokeAnswer extends InvokeView {
  /** The end of what it wrote, at most 4 KiB. */
  log: string
}

/** The path that takes larger bodies than other changes. */
export const INVOKE_PATH = /^\/functions\/[^/]+\/invocations$/

/** Largest events, as Lambda has them. */
const LARGEST = { sync: 6 * 1024 * 1024, async: 256 * 1024 }
const LOG_BYTES = 4 * 1024
const LARGEST_PAGE = 1_000

/** Calls of functions by the operator, and of those that failed again; without events they answer 404. */
export function invokeRoutes(events: Events | undefined, logs: LogHistory | undefined): Hono {
  const app = new Hono()
  const given = (): Events => {
    if (!events) throw new PressroomError('not_found', 'this host takes no events')
    return events
  }
  const answered = <View extends InvokeView>(view: View): View & { log: string } => ({ ...view, log: logOf(logs, view.invocation) })

  app.post('/functions/:name/invocations', async (c) => {
    const { mode = 'sync', alias, revision } = c.req.query()
    onlyKnown(c.req.query(), ['mode', 'alias', 'revision'])
    if (mode !== 'sync' && mode !== 'async') throw bad('mode', 'sync or async', mode)
    if (mode === 'async' && revision !== undefined) throw bad('revision', 'none with mode=async: a revision may be gone when the event runs; name an alias', revision)
    const name = c.req.param('name')
    const event = await readJson(c, LARGEST[mode])
    const how = { alias, trace: c.req.header('traceparent') }
    if (mode === 'async') return c.json(await given().invokeAsync(name, event, how), 202)
    return c.json(answered(await given().invoke(name, event, { ...how, revision, signal: c.req.raw.signal })))
  })
  app.get('/failures', async (c) => {
    const { function: name, limit: most, cursor } = c.req.query()
    onlyKnown(c.req.query(), ['function', 'limit', 'cursor'])
    const from = readWholeNumber('cursor', cursor, 1, Number.MAX_SAFE_INTEGER)
    return c.json(await given().failures({
      limit: readWholeNumber('limit', most, 1, LARGEST_PAGE) ?? 100,
      ...(name === undefined ? {} : { function: name }),
      ...(from === undefined ? {} : { cursor: from }),
    }))
  })
  app.get('/failures/:invocation', async (c) => c.json(await given().failure(c.req.param('invocation'))))
  app.post('/failures/:invocation/replay', async (c) => {
    const { alias, revision } = c.req.query()
    onlyKnown(c.req.query(), ['alias', 'revision'])
    const body = await readJson(c, LARGEST.async)
    if (typeof body !== 'object' || body === null || Object.keys(body).some((key) => key !== 'headers')) throw bad('body', '{} or {"headers": {…}}', JSON.stringify(body).slice(0, 80))
    const { headers } = body as { headers?: unknown }
    const how = { alias, revision, headers, trace: c.req.header('traceparent'), signal: c.req.raw.signal }
    return c.json(answered(await given().replay(c.req.param('invocation'), how)))
  })
  return app
}

/** Reads a body of at most `most` bytes as JSON; nothing is an empty object. */
async function readJson(c: Context, most: number): Promise<unknown> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = Number(c.req.header('content-length') ?? 0)
  const tooLarge = () => new PressroomError('body_too_large', `an event of this kind has at most ${most / 1024} KiB as JSON`)
  if (bytes > most) throw tooLarge()
  bytes = 0
  const reader = c.req.raw.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.length
    if (bytes > most) throw tooLarge()
    text += decoder.decode(part.value, { stream: true })
  }
  text += decoder.decode()
  if (text === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new PressroomError('bad_request', `body: expected JSON (${(error as Error).message})`)
  }
}

/** The last lines that an invocation wrote, whole ones where there is more than one. */
function logOf(logs: LogHistory | undefined, invocation: string): string {
  const lines = logs?.read({ invocation, limit: LARGEST_PAGE }).lines ?? []
  const text = lines.filter(({ message }) => message !== 'REPORT').map(({ time, level, message }) => `${time} ${level} ${message}\n`).join('')
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= LOG_BYTES) return text
  const end = new TextDecoder().decode(bytes.subarray(-LOG_BYTES))
  const firstLine = end.indexOf('\n') + 1
  return firstLine > 0 && firstLine < end.length ? end.slice(firstLine) : end
}

function bad(name: string, expected: string, found: string): PressroomError {
  return new PressroomError('bad_request', `${name}: expected ${expected}, found "${found}"`)
}
