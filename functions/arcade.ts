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

/** The messages of a batch, as many together as one transaction takes. */
function groups(messages: readonly Message<GameEvent[]>[]): Message<GameEvent[]>[][] {
  const made: Message<GameEvent[]>[][] = []
  let events = Infinity
  for (const message of messages) {
    if (events + message.body.length > perTransaction) {
      made.push([])
      events = 0
    }
    made.at(-1)!.push(message)
    events += message.body.length
  }
  return made
}

export default {
  // After a crash what was not acknowledged comes again, and what had counted counts no more.
  async queue(batch, env) {
    let [counted, all] = [0, 0]
    for (const messages of groups(batch.messages)) {
      const events = messages.flatMap(({ body }) => body)
      counted += await takeEvents(env.ARCADE, events)
      all += events.length
      for (const message of messages) message.ack()
    }
    console.log(`arcade: ${counted} of ${all} events counted`)
  },
  async scheduled(controller, env) {
    await forgetOld(env.ARCADE, controller.scheduledTime)
  },
} satisfies ExportedHandler<Pick<ArcadeEnv, 'ARCADE'>, GameEvent[]>
