import type { ServerResponse } from 'node:http'
import type { ResponseHead } from '../../../contract/invocation.ts'
import { holdToPace } from './connections.ts'

/** Writes a streamed body at the client's pace; a body that breaks off, or is not as long as declared, breaks the connection. */
export async function streamBody(head: ResponseHead, res: ServerResponse, length: number, stallMs: number): Promise<void> {
  const reader = (head.body as ReadableStream<Uint8Array>).getReader()
  let wake: (() => void) | undefined
  res.on('drain', () => wake?.())
  res.once('close', () => {
    wake?.()
    reader.cancel().catch(() => {})
  })
  let sent = 0
  res.flushHeaders()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (res.destroyed) return
      if (done) break
      sent += value.length
      if (length >= 0 && sent > length) return void res.destroy()
      if (res.write(value)) continue
      holdToPace(res, stallMs)
      await new Promise<void>((resolve) => (wake = resolve))
    }
    if (length >= 0 && sent !== length) res.destroy()
    else res.end()
    holdToPace(res, stallMs)
  } catch {
    res.destroy()
  }
}
