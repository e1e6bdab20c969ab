import { guessed } from './parsing/charset.ts'

const inXml = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']\s*([\w.:-]+)\s*["']/i
const inHtml = /<meta[^>]+charset\s*=\s*["']?([\w.:-]+)/i

/** The text of a document, and the name of the encoding it was read by. */
export interface Decoded {
  text: string
  encoding: string
}

// What a document begins with, whatever the encoding: an element, an object, a list, or space before them.
const openers = new Set([0x3c, 0x7b, 0x5b, 0x20, 0x09, 0x0a, 0x0d])

function byMark(bytes: Uint8Array): string | undefined {
  const [a = -1, b = -1, c = -1, d = -1] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0 && b === 0 && ((c === 0xfe && d === 0xff) || (c === 0 && openers.has(d)))) return 'utf-32be'
  if (c === 0 && d === 0 && ((a === 0xff && b === 0xfe) || (openers.has(a) && b === 0))) return 'utf-32le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && openers.has(b))) return 'utf-16be'
  if ((a === 0xff && b === 0xfe) || (openers.has(a) && b === 0)) return 'utf-16le'
  return undefined
}

function fromUtf32(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const code = view.getUint32(at, little)
    text += code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code)
  }
  return text.replace(/^\ufeff/, '')
}

function decoded(bytes: Uint8Array, label: string, fatal: boolean): Decoded | undefined {
  const name = label.toLowerCase()
  if (/^utf-?32(?:be|le)?$/.test(name)) return { text: fromUtf32(bytes, name.endsWith('le')), encoding: name.endsWith('le') ? 'utf-32le' : 'utf-32be' }
  try {
    // The larger of the two Chinese sets reads every document of the smaller.
    const decoder = new TextDecoder(/^(?:gb2312|gbk|gb_2312-80)$/.test(name) ? 'gb18030' : name, { fatal, ignoreBOM: false })
    const encoding = /^(?:us-)?ascii$/.test(name) ? 'us-ascii' : decoder.encoding
    return { text: decoder.decode(bytes), encoding }
  } catch {
    return undefined
  }
}

const western = /^(?:us-ascii|ascii|iso-?8859-?1|latin1|windows-1252|cp-?1252)$/i

// The beginning of every sign of several bytes, in text that is UTF-8.
function leads(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte >= 0xc0) count += 1
  return count
}

// Hardly any other text has signs that UTF-8 could have written. A few that are broken do not make it another one, nor does the end of a document
// within a sign.
function asUtf8(bytes: Uint8Array): { text: string; broken: number; foreign: number } | undefined {
  const text = new TextDecoder('utf-8').decode(bytes).replace(/\ufffd$/, '')
  let broken = 0
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) broken += 1
  // Where nothing is broken, more bytes than signs are enough to know that there are some.
  const foreign = broken === 0 ? bytes.length - text.length : leads(bytes) - broken
  return broken * 4 <= foreign ? { text, broken, foreign } : undefined
}

function sniffed(bytes: Uint8Array): Decoded | undefined {
  const label = guessed(bytes)
  return label === undefined ? undefined : decoded(bytes, label, false)
}

/**
 * Reads a document by its byte order mark, else the charset of `content-type`, else what the document declares, else UTF-8 (RFC 7303). One
 * that is not what it says is read as what its letters look like, and at last as Windows-1252, which reads anything. UTF-8 stays UTF-8 where
 * a few of its signs are broken, and where a server's default calls it Western.
 */
export function decodeBytes(bytes: Uint8Array, contentType: string | null): Decoded {
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, 1024))
  const mark = byMark(bytes)
  if (mark !== undefined) {
    const found = decoded(bytes, mark, true)
    if (found !== undefined) return found
  }
  const utf8 = asUtf8(bytes)
  const header = /charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(contentType ?? '')?.[1]
  // Shifts to Japanese and back, in signs that are no text of any other encoding.
  const shifted = /\u001b\$[@B]/.test(start) ? 'iso-2022-jp' : undefined
  for (const label of [shifted, header, inXml.exec(start)?.[1], inHtml.exec(start)?.[1], 'utf-8']) {
    // Readable as ASCII so far: a declaration of UTF-16 cannot be true. ASCII with other signs in it is none.
    if (label === undefined || /^(?:utf-?(?:16|32)|ucs)/i.test(label)) continue
    if (/^(?:us-)?ascii$/i.test(label) && bytes.some((byte) => byte >= 0x80)) continue
    if (western.test(label) && utf8?.broken === 0 && utf8.foreign > 0) continue
    if (/^utf-?8$/i.test(label) && utf8 !== undefined) return { text: utf8.text, encoding: 'utf-8' }
    const found = decoded(bytes, label, true)
    if (found !== undefined) return found
  }
  return sniffed(bytes) ?? { text: new TextDecoder(mark === undefined || mark.startsWith('utf-32') ? 'windows-1252' : mark).decode(bytes), encoding: mark ?? 'windows-1252' }
}

/** The text of a document; see decodeBytes. */
export function decodeDocument(bytes: Uint8Array, contentType: string | null): string {
  return decodeBytes(bytes, contentType).text
}
