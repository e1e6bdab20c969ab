import { Hono } from 'hono'
import { PressroomError } from '../../contract/errors.ts'

/** What the operator may do with secrets; nobody reads a value. */
export interface SecretKeeper {
  names(): { name: string; at: number }[]
  /** Keeps a value and gives it to every function that names it. @throws PressroomError `conflict` */
  put(name: string, value: string): Promise<void>
  /** @throws PressroomError `not_found`, or `conflict` when a function names it */
  delete(name: string): Promise<void>
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** Cloudflare's limit. */
const MOST_BYTES = 5 * 1024

/** Secrets by name. */
export function secretRoutes(secrets: SecretKeeper | undefined): Hono {
  const app = new Hono()
  const all = (): SecretKeeper => {
    if (secrets === undefined) throw new PressroomError('not_found', 'this host keeps no secrets')
    return secrets
  }
  app.get('/secrets', (c) => c.json({ secrets: all().names().map(({ name, at }) => ({ name, at: new Date(at).toISOString() })) }))
  app.put('/secrets/:name', async (c) => {
    const name = c.req.param('name')
    if (!NAME.test(name)) throw new PressroomError('bad_request', `name: expected 1 to 128 of A–Z a–z 0–9 _, beginning with no digit, found ${JSON.stringify(name)}`)
    const body: unknown = await c.req.json().catch(() => undefined)
    const { value } = (typeof body === 'object' && body !== null ? body : {}) as { value?: unknown }
    // What was found is not told: it may be the secret.
    if (typeof value !== 'string' || value === '') throw new PressroomError('bad_request', 'body: expected {"value": a text that is not empty}')
    const { length } = new TextEncoder().encode(value)
    if (length > MOST_BYTES) throw new PressroomError('bad_request', `value: expected at most ${MOST_BYTES} bytes, found ${length}`)
    await all().put(name, value)
    return c.json({ name })
  })
  app.delete('/secrets/:name', async (c) => {
    await all().delete(c.req.param('name'))
    return c.json({ deleted: c.req.param('name') })
  })
  return app
}
