import { Problem } from '../_news/problems.ts'

/**
 * The media type of an image by its first bytes; what its sender calls it counts for nothing.
 * @throws Problem 415 for what is none, or is a kind that could hold a program
 */
export function sniff(bytes: Uint8Array): string {
  // One character a byte, which no decoder of texts promises: their Latin 1 is Windows'.
  const head = String.fromCharCode(...bytes.subarray(0, 1024))
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return 'image/webp'
  const brands = brandsOf(head)
  if (/avi[fs]/.test(brands)) return 'image/avif'
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'image/tiff'
  const kinds = 'expected JPEG, PNG, WebP, AVIF, GIF or TIFF'
  if (/hei[cxms]|hev[cxms]/.test(brands)) throw new Problem(415, 'heic_refused', `image: HEIC is not taken, save it as JPEG; ${kinds}`)
  if (/<svg[\s>]/i.test(head)) throw new Problem(415, 'svg_refused', `image: SVG may hold scripts and is not taken; ${kinds}`)
  throw new Problem(415, 'not_an_image', `image: its first bytes are of no known image; ${kinds}`)
}

/** What a file of the ISO family says that it can be read as, four letters each, apart by spaces. */
function brandsOf(head: string): string {
  if (head.slice(4, 8) !== 'ftyp') return ''
  const length = head.charCodeAt(2) * 256 + head.charCodeAt(3)
  return (head.slice(8, 12) + head.slice(16, length)).replace(/[\s\S]{4}/g, '$& ')
}
