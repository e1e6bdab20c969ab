const encoder = new TextEncoder()

/** What an image's id looks like. */
export const ID = /^[0-9a-f]{32}$/

/** 32 hex digits that stand for these bytes. */
export async function digest(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The same, for a text. */
export async function digestText(text: string): Promise<string> {
  return digest(encoder.encode(text))
}

/** A reader as a bucket's metadata names it. */
export async function ownerOf(reader: string): Promise<string> {
  return digestText(`owner:${reader}`)
}

/** The id of a reader's image: the same content is the same image, of this reader alone. */
export async function imageId(owner: string, bytes: Uint8Array): Promise<string> {
  return digestText(`image:${owner}:${await digest(bytes)}`)
}
