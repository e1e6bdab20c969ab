const encoder = new TextEncoder()

/** A short name that always comes out the same for the same text: 22 characters of base64url (128 bits of SHA-256). */
export async function nameOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(text))
  return toBase64Url(new Uint8Array(digest, 0, 16))
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * Bytes of a base64url text.
 * @throws DOMException where it is none.
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
