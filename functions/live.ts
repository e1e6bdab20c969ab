import type { FunctionConfig } from 'pressroom'
import { Channel, type Watcher } from './_arcade/channel.ts'
import type { ArcadeEnv } from './_arcade/env.ts'
import { gameOf, games } from './_arcade/games.ts'
import { newsApp } from './_news/app.ts'
import { badRequest, Problem } from './_news/problems.ts'

export const config = {
  routes: ['GET /games/:game/live', 'OPTIONS /games/:game/live'],
  memory: 512,
  timeout: 900,
  concurrency: 5000,
  maxInstances: 2,
  env: ['ARCADE', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** A watch ends before its time is up: who watches comes again, and misses nothing. */
const longestMs = 870_000
/** What may wait for a watcher that reads slowly. */
const mostWaiting = 256 * 1024
const encoder = new TextEncoder()
const channels = new Map<string, Channel>()

function channelOf(db: D1Database, name: string): Channel {
  const game = gameOf(name)
  if (game === undefined) throw new Problem(404, 'not_found', `there is no game ${JSON.stringify(name.slice(0, 60))}; expected one of ${Object.keys(games).join(', ')}`)
  let channel = channels.get(name)
  if (channel === undefined) channels.set(name, (channel = new Channel(db, name, game)))
  return channel
}

function sinceOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (!/^\d{1,15}$/.test(header)) throw badRequest('last-event-id: expected the number of a message of this stream')
  return Number(header)
}

const app = newsApp<ArcadeEnv>()

const head = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

app.get('/games/:game/live', (c) => {
  const channel = channelOf(c.env.ARCADE, c.req.param('game'))
  const since = sinceOf(c.req.header('last-event-id'))
  // Nobody would read the body, nor cancel it.
  if (c.req.method === 'HEAD') return c.body(null, 200, head)
  let watcher: Watcher
  let timer: ReturnType<typeof setTimeout>
  const leave = () => {
    clearTimeout(timer)
    watcher.gone = true
    channel.remove(watcher)
  }
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      watcher = {
        gone: false,
        send(bytes) {
          if ((controller.desiredSize ?? 0) < 0) return false
          controller.enqueue(bytes)
          return true
        },
        end() {
          leave()
          controller.close()
        },
      }
      timer = setTimeout(() => watcher.end(), longestMs)
      // Browsers come again after two seconds.
      controller.enqueue(encoder.encode('retry: 2000\n\n'))
      await channel.add(watcher, since).catch((error: unknown) => {
        leave()
        throw error
      })
    },
    cancel: leave,
  }, new ByteLengthQueuingStrategy({ highWaterMark: mostWaiting }))
  return c.body(body, 200, head)
})

export default app
