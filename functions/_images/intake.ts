import { badRequest, Problem } from '../_news/problems.ts'
import { MOST_BYTES } from './presets.ts'

/** Bytes that the uploads of one instance may take at once: each is held in pieces and whole, a form twice more. */
const MOST_HELD = 160 * 2 ** 20
const COPIES = 2
const FORM_COPIES = 4
/** A form's own words around the file. */
const FORM_BYTES = 64 * 1024
let held = 0

/** More uploads are on their way than this instance can hold. */
export class Crowded extends Error {
  override name = 'Crowded'
}

/**
 * The bytes of the image that a request or an answer brings.
 * @throws Problem 413 above 20 MiB, 400 for a form without a file; Crowded where too much is held already
 */
export async function readImage(source: Request | Response): Promise<Uint8Array<ArrayBuffer>> {
  const type = source.headers.get('content-type') ?? ''
  const form = source instanceof Request && /^multipart\/form-data\b/i.test(type)
  let taken = 0
  try {
    const bytes = await readBytes(source, form ? MOST_BYTES + FORM_BYTES : MOST_BYTES, (size) => {
      const more = size * (form ? FORM_COPIES : COPIES)
      if (held + more > MOST_HELD) throw new Crowded('too many uploads at once; try again')
      held += more
      taken += more
    })
    return form ? await fileOf(bytes, type) : bytes
  } finally {
    held -= taken
  }
}

function tooLarge(): Problem {
  return new Problem(413, 'body_too_large', `image: larger than ${MOST_BYTES} bytes`)
}

async function readBytes(source: Request | Response, most: number, take: (more: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(source.headers.get('content-length') ?? 0) > most) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source.body ?? []) {
    size += chunk.byteLength
    if (size > most) throw tooLarge()
    take(chunk.byteLength)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

async function fileOf(body: Uint8Array<ArrayBuffer>, type: string): Promise<Uint8Array<ArrayBuffer>> {
  let form: FormData
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData()
  } catch {
    throw badRequest('body: expected a multipart form')
  }
  const files = [...form.values()].filter((value): value is File => typeof value !== 'string')
  const [file] = files
  if (file === undefined || files.length > 1) throw badRequest(`body: expected a form with one file, found ${files.length}`)
  if (file.size > MOST_BYTES) throw tooLarge()
  return new Uint8Array(await file.arrayBuffer())
}
