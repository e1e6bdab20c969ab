import { Hono } from 'hono'
import type { AliasView, DeploymentOperator } from '../host/deploy/views.ts'
import { PressroomError } from '../contract/errors.ts'

/** Revisions, aliases and triggers of functions; the upload of code is apart. */
export function deployRoutes(deployments: DeploymentOperator): Hono {
  const app = new Hono()
  app.get('/functions/:name/revisions', (c) =>
    c.json({
      revisions: deployments.revisions(c.req.param('name')).map(({ revision, at, sha256, bytes, main, handlers, aliases }) => ({ revision, at: iso(at), sha256, bytes, main, handlers, aliases })),
    }),
  )
  app.delete('/functions/:name/revisions/:revision', async (c) => {
    await deployments.removeRevision(c.req.param('name'), c.req.param('revision'))
    return c.json({ deleted: c.req.param('revision') })
  })
  app.get('/functions/:name/aliases', (c) =>
    c.json({ aliases: Object.fromEntries(Object.entries(deployments.aliases(c.req.param('name'))).map(([alias, view]) => [alias, told(view)])) }),
  )
  app.put('/functions/:name/aliases/:alias', async (c) => c.json(told(await deployments.setAlias(c.req.param('name'), c.req.param('alias'), await body(c.req)))))
  app.delete('/functions/:name/aliases/:alias', async (c) => {
    await deployments.removeAlias(c.req.param('name'), c.req.param('alias'))
    return c.json({ deleted: c.req.param('alias') })
  })
  app.post('/functions/:name/rollback', async (c) => {
    const { alias = 'live' } = (await body(c.req)) as { alias?: unknown }
    if (typeof alias !== 'string') throw new PressroomError('bad_request', `alias: expected a name, found ${JSON.stringify(alias)}`)
    return c.json(told(await deployments.rollback(c.req.param('name'), alias)))
  })
  app.get('/functions/:name/triggers', (c) => c.json(deployments.triggers(c.req.param('name'))))
  app.put('/functions/:name/triggers', async (c) => c.json(await deployments.setTriggers(c.req.param('name'), await body(c.req))))
  app.delete('/functions/:name/triggers', async (c) => c.json(await deployments.setTriggers(c.req.param('name'), null)))
  app.delete('/functions/:name', async (c) => {
    await deployments.removeFunction(c.req.param('name'))
    return c.json({ deleted: c.req.param('name') })
  })
  return app
}

async function body(req: { json(): Promise<unknown> }): Promise<Record<string, unknown>> {
  const value: unknown = await req.json().catch(() => undefined)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new PressroomError('bad_request', 'body: expected a JSON object')
}

function told(view: AliasView) {
  return { ...view, at: iso(view.at) }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
