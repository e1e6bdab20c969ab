import { Hono } from 'hono'
import type { Context } from 'hono'
import { PressroomError } from '../contract/errors.ts'
import type { Events } from '../host/events/events.ts'
import type { LetterChoice, Letters } from '../host/events/letters.ts'
import { onlyKnown, readWholeNumber } from './query.ts'

const LARGEST_PAGE = 1_000
const MOST_IDS = 1_000

/** What was given up: `GET /dead-letters`, `POST /dead-letters/replay` and `/drop`; without events they answer 404. */
export function dlqRoutes(events: Events | undefined): Hono {
  const app = new Hono()
  const letters = (): Letters => {
    if (!events) throw new PressroomError('not_found', 'this host keeps no dead letters')
    return events.letters
  }
  app.get('/dead-letters', async (c) => {
    const { function: name, queue, limit, cursor } = c.req.query()
    onlyKnown(c.req.query(), ['function', 'queue', 'limit', 'cursor'])
    const from = readWholeNumber('cursor', cursor, 1, Number.MAX_SAFE_INTEGER)
    return c.json(await letters().list({
      limit: readWholeNumber('limit', limit, 1, LARGEST_PAGE) ?? 100,
      ...(name === undefined ? {} : { function: name }),
      ...(queue === undefined ? {} : { queue }),
      ...(from === undefined ? {} : { cursor: from }),
    }))
  })
  app.get('/dead-letters/:id', async (c) => c.json(await letters().show(c.req.param('id'))))
  app.post('/dead-letters/replay', async (c) => c.json({ replayed: await letters().replay(await readChoice(c)) }))
  app.post('/dead-letters/drop', async (c) => c.json({ dropped: await letters().drop(await readChoice(c)) }))
  return app
}

/** `{"ids": […]}`, or `{"all": true}` with `queue` or `function`: a body without either changes nothing. */
async function readChoice(c: Context): Promise<LetterChoice> {
  const body = await c.req.json<unknown>().catch(() => undefined)
  const { ids, all, queue, function: name, ...rest } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const named = [queue, name].filter((one) => one !== undefined)
  const texts = Array.isArray(ids) && ids.every((id): id is string => typeof id === 'string') ? ids : undefined
  if (Object.keys(rest).length === 0 && texts && texts.length > 0 && texts.length <= MOST_IDS && all === undefined && named.length === 0) return { ids: texts }
  if (Object.keys(rest).length === 0 && ids === undefined && all === true && named.length <= 1 && named.every((one) => typeof one === 'string')) {
    return { all, ...(typeof queue === 'string' ? { queue } : {}), ...(typeof name === 'string' ? { function: name } : {}) }
  }
  throw new PressroomError('bad_request', `body: expected {"ids": [1 to ${MOST_IDS} strings]}, or {"all": true} with "queue" or "function" if not all of both, found ${JSON.stringify(body)?.slice(0, 80) ?? 'nothing'}`)
}
