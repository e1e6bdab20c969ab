import { newsApp } from '../_news/app.ts'
import type { ArcadeEnv } from './env.ts'

/**
 * Stands for `live` on Workers: there no request may use what another one holds open, so that many watchers of one poll need a Durable
 * Object, which this project does not have.
 */
const app = newsApp<ArcadeEnv>()

app.get('/games/:game/live', (c) => {
  const message = 'live: not on Cloudflare Workers, where it would take a Durable Object; ask GET /games/{game}/leaderboard every few seconds'
  return c.json({ error: { code: 'live_unavailable', message } }, 501)
})

export default app
