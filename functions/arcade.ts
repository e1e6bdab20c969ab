import type { FunctionConfig } from 'pressroom'
import type { ArcadeEnv } from './_arcade/env.ts'
import type { GameEvent } from './_arcade/event.ts'
import { forgetOld, takeEvents } from './_arcade/take.ts'

export const config = {
  queues: ['pressroom-arcade'],
  schedules: ['0 * * * *'],
  memory: 256,
  timeout: 60,
  env: ['ARCADE'],
  outbound: 'none',
} satisfies FunctionConfig

/** D1 takes values of two million bytes: so many events with the longest names. */
const perTransaction = 2000

export default {
  // After a crash the batch comes again, and what had counted counts no more.
  async queue(batch, env) {
    const events = batch.messages.flatMap(({ body }) => body)
    let counted = 0
    for (let first = 0; first < events.length; first += perTransaction) counted += await takeEvents(env.ARCADE, events.slice(first, first + perTransaction))
    console.log(`arcade: ${counted} of ${events.length} events counted`)
  },
  async scheduled(controller, env) {
    await forgetOld(env.ARCADE, controller.scheduledTime)
  },
} satisfies ExportedHandler<ArcadeEnv, GameEvent[]>
