import { Hono } from 'hono'
import { PressroomError } from '../contract/errors.ts'
import type { LogHistory, LogLevel, LogQuery } from '../ports/log.ts'
import { onlyKnown, readWholeNumber } from './query.ts'

const LARGEST_PAGE = 1_000
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** `GET /logs`; without a history the host keeps no lines, and says so. */
export function logRoutes(history: LogHistory | undefined): Hono {
  const app = new Hono()
  app.get('/logs', (c) => {
    const { function: name, invocation, level, limit, after } = c.req.query()
    onlyKnown(c.req.query(), ['function', 'invocation', 'level', 'limit', 'after'])
    const query: LogQuery = { limit: readWholeNumber('limit', limit, 1, LARGEST_PAGE) ?? 100 }
    if (name !== undefined) query.function = name
    if (invocation !== undefined) query.invocation = invocation
    if (level !== undefined) query.level = readLevel(level)
    const since = readWholeNumber('after', after, 0, Number.MAX_SAFE_INTEGER)
    if (since !== undefined) query.after = since
    if (!history) throw new PressroomError('not_found', 'this host keeps no log lines')
    return c.json(history.read(query))
  })
  return app
}

function readLevel(text: string): LogLevel {
  const level = levels.find((one) => one === text)
  if (level) return level
  throw new PressroomError('bad_request', `level: expected one of ${levels.join(', ')}, found "${text}"`)
}
