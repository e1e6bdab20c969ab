import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { words, type NewsEnv } from './env.ts'
import { Problem, reason } from './problems.ts'

/** What a news function's handlers find in their context. */
export interface NewsApp {
  Bindings: NewsEnv
}

/**
 * An application with what all functions here share: errors as `{"error":{"code","message"}}`, answers that no shared cache keeps,
 * and CORS for the origins of `CORS_ORIGINS`.
 */
export function newsApp<Env extends Pick<NewsEnv, 'CORS_ORIGINS'> = NewsEnv>(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.use(
    cors({
      origin: (origin, c) => (words(c.env.CORS_ORIGINS).includes(origin) ? origin : null),
      credentials: true,
      allowMethods: ['GET', 'PUT', 'POST', 'DELETE'],
      allowHeaders: ['authorization', 'content-type'],
      maxAge: 3600,
    }),
  )
  app.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'private, no-cache')
  })
  app.onError((error, c) => {
    if (error instanceof Problem) return c.json({ error: { code: error.code, message: error.message } }, error.status)
    console.error(`${c.req.method} ${c.req.path}: ${reason(error)}`, error)
    return c.json({ error: { code: 'exception', message: 'the function failed' } }, 500)
  })
  app.notFound((c) => c.json({ error: { code: 'not_found', message: `nothing answers ${c.req.method} ${c.req.path}` } }, 404))
  return app
}
