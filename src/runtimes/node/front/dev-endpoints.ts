import { Hono, type Context } from 'hono'
import { PressroomError } from '../../../contract/errors.ts'
import type { Operator } from '../../../host/operator.ts'

/**
 * What `wrangler dev` offers on the public port: `GET /cdn-cgi/handler/scheduled?cron=…&time=…` runs every function that
 * has this schedule (without `cron`: every schedule) and answers the outcome as text, or as JSON with `format=json`.
 */
export function devEndpoints(operator: () => Operator): Hono {
  const app = new Hono()
  app.get('/cdn-cgi/handler/scheduled', async (c) => {
    const cron = c.req.query('cron')?.trim().split(/\s+/).join(' ')
    const time = c.req.query('time')
    const at = time === undefined ? undefined : Number(time)
    if (at !== undefined && !Number.isFinite(at)) throw new PressroomError('bad_request', 'time must be milliseconds since 1970')
    const wanted = (await operator().schedules()).filter((schedule) => cron === undefined || schedule.cron === cron)
    if (wanted.length === 0) return plain(c, `no function has the schedule ${cron}`, 404)
    const results = await Promise.all(wanted.map((schedule) => operator().fire(schedule.function, schedule.cron, at)))
    const outcome = results.find((result) => result.outcome !== 'ok')?.outcome ?? 'ok'
    const status = outcome === 'ok' ? 200 : 500
    return c.req.query('format') === 'json' ? c.json({ outcome, noRetry: false }, status) : plain(c, outcome, status)
  })
  app.onError((error, c) => (error instanceof PressroomError && error.code === 'bad_request' ? plain(c, error.message, 400) : plain(c, 'exception', 500)))
  return app
}

/** Spelled as Workers spells the type of a text. */
function plain(c: Context, text: string, status: 200 | 400 | 404 | 500): Response {
  return c.body(text, status, { 'content-type': 'text/plain;charset=UTF-8' })
}
