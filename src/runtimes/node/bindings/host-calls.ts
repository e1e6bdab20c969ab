import { Flag, Kind, type CallFailureHead, type FrameWriter } from '../wire/messages.ts'
import { current } from '../child/current.ts'

/** What the host answered: a value, and bytes where the operation has some. */
export interface CallAnswer {
  value: unknown
  body: Uint8Array<ArrayBuffer>
}

/** Asks the host for something that a binding stands for. Rejects with the host's reason. */
export type CallHost = (binding: string, operation: string, args: unknown, body?: Uint8Array) => Promise<CallAnswer>

/** Calls under way at once; later ones wait for their turn. */
const AT_ONCE = 64

/** The instance's side of what its bindings ask of the host. */
export interface Calls {
  call: CallHost
  /** Takes an answer. */
  answered(id: number, flags: number, head: string, body: Uint8Array): void
}

/** Makes the calls of one instance. */
export function createCalls(wire: FrameWriter): Calls {
  const waiting = new Map<number, { resolve(answer: CallAnswer): void; reject(error: Error): void }>()
  const turns: (() => void)[] = []
  let last = 0
  return {
    async call(binding, operation, args, body) {
      const from = current.getStore()
      if (waiting.size >= AT_ONCE) await new Promise<void>((resolve) => turns.push(resolve))
      return new Promise((resolve, reject) => {
        const id = (last = (last + 1) % 0xffff_ffff)
        waiting.set(id, { resolve, reject })
        wire.send(Kind.call, 0, id, JSON.stringify({ b: binding, o: operation, a: args, i: from?.id, t: from?.trace }), body)
      })
    },
    answered(id, flags, head, body) {
      const asked = waiting.get(id)
      waiting.delete(id)
      turns.shift()?.()
      if (!asked) return
      if (flags & Flag.broken) {
        const { name, message } = JSON.parse(head) as CallFailureHead
        asked.reject(Object.assign(new Error(message), { name }))
        // Copied: the frame's memory is only ours during the call.
      } else asked.resolve({ value: head === '' ? undefined : (JSON.parse(head) as unknown), body: Uint8Array.from(body) })
    },
  }
}
