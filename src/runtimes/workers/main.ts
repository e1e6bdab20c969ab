import { Hono } from 'hono'
import { registry } from '../../../functions/_registry.ts'
import type { NewsEnv } from '../../../functions/_news/env.ts'

const app = new Hono<{ Bindings: NewsEnv }>()
for (const { config, handlers } of registry) {
  for (const route of config.routes ?? []) {
    const [method = '', path = ''] = route.split(' ')
    app.on(method, path, (c) => handlers.fetch!(c.req.raw as never, c.env, c.executionCtx as never) as Promise<never>)
  }
}

export default {
  fetch: app.fetch,
  async scheduled(controller, env, ctx) {
    for (const { config, handlers } of registry) {
      const crons = (config.schedules ?? []).map((schedule) => (typeof schedule === 'string' ? schedule : schedule.cron))
      if (crons.includes(controller.cron)) await handlers.scheduled?.(controller, env, ctx)
    }
  },
} satisfies ExportedHandler<NewsEnv>
