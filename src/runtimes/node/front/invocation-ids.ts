import { randomFillSync } from 'node:crypto'

const AT_ONCE = 256
const BYTES = 16
const LENGTH = 36
const DASH = 45
const DIGITS = Buffer.from('0123456789abcdef')
let made = ''
let at = 0

/** A new random UUID. They are written hundreds at a time: one by one each would be put together from twenty short texts. */
export function newInvocationId(): string {
  if (at === made.length) {
    made = writeMany()
    at = 0
  }
  return made.slice(at, (at += LENGTH))
}

function writeMany(): string {
  const bytes = randomFillSync(Buffer.allocUnsafe(AT_ONCE * BYTES))
  const text = Buffer.allocUnsafe(AT_ONCE * LENGTH)
  let to = 0
  for (let from = 0; from < bytes.length; from++) {
    const place = from % BYTES
    let byte = bytes[from]!
    // Version 4, variant 1.
    if (place === 6) byte = (byte & 0x0f) | 0x40
    else if (place === 8) byte = (byte & 0x3f) | 0x80
    if (place === 4 || place === 6 || place === 8 || place === 10) text[to++] = DASH
    text[to++] = DIGITS[byte >> 4]!
    text[to++] = DIGITS[byte & 15]!
  }
  return text.toString('latin1')
}
