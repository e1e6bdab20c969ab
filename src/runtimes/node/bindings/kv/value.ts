import type { JsonValue } from '../spec.ts'

/** What a KV entry is to Keyv. */
export interface KvEntry {
  /** Text as it is; bytes for everything that is not UTF-8. */
  value: string | Uint8Array
  metadata?: JsonValue
}

/** The first line of a stored entry. */
export interface KvHead {
  /** Milliseconds since 1970. */
  expires?: number
  metadata?: JsonValue
  encoding: 'text' | 'base64'
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Turns bytes into text when they are UTF-8 exactly, so that text is stored as text. */
export function textWhenPossible(bytes: Uint8Array): string | Uint8Array {
  try {
    return strict.decode(bytes)
  } catch {
    return bytes
  }
}

/** Reads the first line of a stored entry. */
export function readHead(line: string): KvHead {
  return JSON.parse(line) as KvHead
}

/**
 * Keyv's serialization of KV entries: one line of JSON with expiry and metadata, then the value itself. A store can list
 * metadata by the first line alone, and text needs no escaping.
 */
export const kvSerialization = {
  stringify(stored: unknown): string {
    const { value: entry, expires } = stored as { value: KvEntry; expires?: number }
    const text = typeof entry.value === 'string'
    const head: KvHead = { encoding: text ? 'text' : 'base64' }
    if (expires !== undefined) head.expires = expires
    if (entry.metadata !== undefined) head.metadata = entry.metadata
    return `${JSON.stringify(head)}\n${typeof entry.value === 'string' ? entry.value : Buffer.from(entry.value).toString('base64')}`
  },
  parse<T>(line: string): T {
    const end = line.indexOf('\n')
    const head = readHead(line.slice(0, end))
    const body = line.slice(end + 1)
    const entry: KvEntry = { value: head.encoding === 'text' ? body : new Uint8Array(Buffer.from(body, 'base64')) }
    if (head.metadata !== undefined) entry.metadata = head.metadata
    return (head.expires === undefined ? { value: entry } : { value: entry, expires: head.expires }) as T
  },
}
