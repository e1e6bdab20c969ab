import { decodeBytes } from '../decode.ts'
import { parseFeed, type Feed } from '../feed.ts'
import { unpacked } from './unpack.ts'

/** A feed, and the encoding of its document. */
export interface ReadDocument {
  feed: Feed
  encoding: string
}

/**
 * Reads a feed from bytes as a server sends them, compressed or not.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function readDocument(bytes: Uint8Array<ArrayBuffer>, contentType: string | null, address: string): Promise<ReadDocument> {
  const { text, encoding } = decodeBytes(await unpacked(bytes), contentType)
  return { feed: await parseFeed(text, address), encoding }
}
