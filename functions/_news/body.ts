import { badRequest, Problem } from './problems.ts'

const maxBytes = 2 ** 20

/**
 * The text of a request's body.
 * @throws Problem 413 above 1 MiB; 400 where it is not UTF-8.
 */
export async function readText(request: Request): Promise<string> {
  const tooLarge = new Problem(413, 'body_too_large', `the body is larger than ${maxBytes} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let text = ''
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (error instanceof Problem) throw error
    throw badRequest('body: expected text in UTF-8')
  }
}

/** A JSON object. */
export type JsonObject = Record<string, unknown>

/** Tells whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The JSON object in a request's body.
 * @throws Problem 400 where there is none.
 */
export async function readJson(request: Request): Promise<JsonObject> {
  return jsonOf(await readText(request))
}

/**
 * The JSON object that a text holds.
 * @throws Problem 400 where there is none.
 */
export function jsonOf(text: string): JsonObject {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw badRequest('body: expected JSON')
  }
  if (!isObject(body)) throw badRequest('body: expected a JSON object')
  return body
}

/** @throws Problem 400 for the first field that is not one of `known`. */
export function refuseUnknown(object: JsonObject, known: string[], prefix = ''): void {
  const unknown = Object.keys(object).find((field) => !known.includes(field))
  if (unknown !== undefined) throw badRequest(`${prefix}${unknown.slice(0, 100)}: unknown field; expected ${known.join(', ')}`)
}
