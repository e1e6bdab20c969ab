import { Hono } from 'hono'
import { PressroomError } from '../contract/errors.ts'
import type { TelemetryReader } from '../ports/telemetry.ts'

/** `GET /metrics` for Prometheus, `GET /traces/{id}` for the eye; without telemetry both say so. */
export function telemetryRoutes(telemetry: TelemetryReader | undefined): Hono {
  const app = new Hono()
  const reader = () => {
    if (!telemetry) throw new PressroomError('not_found', 'this host keeps no telemetry')
    return telemetry
  }
  app.get('/metrics', async (c) => c.body(await reader().metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }))
  app.get('/traces/:id', (c) => {
    const found = reader().trace(c.req.param('id').toLowerCase())
    if (found) return c.json(found)
    throw new PressroomError('not_found', 'no trace, and no invocation of one, has this id among the last 1,000 sampled invocations')
  })
  return app
}
