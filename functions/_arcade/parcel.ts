import type { GameEvent } from './event.ts'

/** Within Cloudflare's limits of 128,000 bytes a message, and of 100 messages and 256,000 bytes a send. */
const perMessage = 100
const messageBytes = 100_000
const sendBytes = 240_000
const encoder = new TextEncoder()

/** Packs events into messages, and these into as few sends as a queue takes: one, unless names are long. */
export function pack(events: readonly GameEvent[]): { body: GameEvent[] }[][] {
  const sends: { body: GameEvent[] }[][] = []
  let [inMessage, inSend] = [Infinity, Infinity]
  for (const event of events) {
    const bytes = encoder.encode(JSON.stringify(event)).length + 1
    const newMessage = sends.at(-1)?.at(-1)?.body.length === perMessage || inMessage + bytes > messageBytes
    if (inSend + bytes > sendBytes) {
      sends.push([{ body: [] }])
      inSend = 2
      inMessage = 2
    } else if (newMessage) {
      sends.at(-1)!.push({ body: [] })
      inMessage = 2
      inSend += 2
    }
    sends.at(-1)!.at(-1)!.body.push(event)
    inMessage += bytes
    inSend += bytes
  }
  return sends
}
