import { decodeBytes } from '../decode.ts'
import { readFeed, type Feed } from '../feed.ts'
import { unpacked } from './unpack.ts'

/** A feed, and the encoding of its document. */
export interface ReadDocument {
  feed: Feed
  encoding: string
}

/** What came with a document. */
export interface Circumstances {
  /** Where it came from; relative addresses begin there. */
  address: string
  contentType?: string | null | undefined
  contentLanguage?: string | undefined
}

/**
 * Reads a feed from bytes as a server sends them, compressed or not.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function readDocument(bytes: Uint8Array<ArrayBuffer>, { address, contentType, contentLanguage }: Circumstances): Promise<ReadDocument> {
  const { text, encoding } = decodeBytes(await unpacked(bytes), contentType ?? null)
  return { feed: await readFeed(text, address, contentLanguage), encoding }
}
