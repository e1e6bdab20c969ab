import type { IncomingMessage } from 'node:http'

/** A request's body on its way to a function. */
export interface RequestBody {
  content: Uint8Array | ReadableStream<Uint8Array> | null
  /** Resolves when a streamed body turned out larger than the limit; never for a whole one. */
  tooLarge?: Promise<void>
}

/**
 * Takes the body of a request: a small one of known length whole (the function is not woken by a slow sender), any other
 * as a stream that is read no faster than the function reads, and cut at `limit` bytes.
 */
export async function requestBody(req: IncomingMessage, declared: number, whole: number, limit: number): Promise<RequestBody> {
  if (declared > 0 && declared <= whole) {
    const parts: Buffer[] = []
    for await (const part of req) parts.push(part as Buffer)
    return { content: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }
  }
  let exceed!: () => void
  const tooLarge = new Promise<void>((resolve) => (exceed = resolve))
  let size = 0
  let over = false
  const content = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        req.on('data', (part: Buffer) => {
          if (over) return
          size += part.length
          if (size > limit) {
            over = true
            controller.error(new Error('the body is too large'))
            return exceed()
          }
          controller.enqueue(part)
          if ((controller.desiredSize ?? 0) <= 0) req.pause()
        })
        req.once('end', () => {
          if (!over) controller.close()
          over = true
        })
        const broken = () => {
          if (!over) controller.error(new Error('the client broke off its body'))
          over = true
        }
        req.once('error', broken)
        req.once('close', broken)
      },
      pull: () => void req.resume(),
      cancel() {
        over = true
        req.resume()
      },
    },
    { highWaterMark: 256 * 1024, size: (part) => part.length },
  )
  return { content, tooLarge }
}
