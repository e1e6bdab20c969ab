import type { FlatHeaders, Head } from '../../contract/invocation.ts'

/** A body read to its end, of which the beginning was kept. */
export interface ReadBody {
  /** The first bytes, at most as many as were asked for. */
  bytes: Uint8Array
  /** How many there were. */
  total: number
  /** It broke off before its end. */
  broken: boolean
}

/**
 * Reads the body of an answer to its end, so that the function is not disturbed, and keeps at most `limit` bytes.
 * What is no response has none.
 */
export async function readAnswer(head: Head, limit: number): Promise<ReadBody> {
  if (head.type !== 'response' || head.body === null) return { bytes: new Uint8Array(), total: 0, broken: false }
  if (head.body instanceof Uint8Array) return { bytes: head.body.subarray(0, limit), total: head.body.length, broken: false }
  const parts: Uint8Array[] = []
  let kept = 0
  let total = 0
  let broken = false
  try {
    const reader = head.body.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      total += part.value.length
      if (kept >= limit) continue
      // Copied: a part may lie in memory that is much larger.
      const some = part.value.slice(0, limit - kept)
      kept += some.length
      parts.push(some)
    }
  } catch {
    broken = true
  }
  return { bytes: join(parts, kept), total, broken }
}

/** Copies parts into one piece of memory of `size` bytes. */
export function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Flat header pairs as an object; a name that came more than once has a list. */
export function toHeaderObject(headers: FlatHeaders): Record<string, string | string[]> {
  const found = new Map<string, string | string[]>()
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name, value] = [headers[i]!, headers[i + 1]!]
    const before = found.get(name)
    found.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(found)
}
