import { PressroomError } from '../../contract/errors.ts'

/** Where commands look for a host when `PRESSROOM_ADMIN_URL` says nothing. */
export const defaultAdminUrl = 'http://127.0.0.1:8788'

/** A change that is asked for; without one a call only reads. */
export interface Change {
  method: 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON; a stream or a blob has JSON in it. */
  body?: unknown
  /** Content type of a body that is no JSON. */
  type?: string
}

/** Calls the operator's API. */
export interface Caller {
  /** The host's address. */
  base: string
  /**
   * Calls one path and answers the object that came.
   * @throws PressroomError `bad_option` naming the host and the way out
   */
  call(path: string, change?: Change): Promise<Record<string, unknown>>
  /** Calls one path and answers what came as it comes. @throws as `call` */
  open(path: string): Promise<ReadableStream<Uint8Array>>
  /** The list under a key of an answer. */
  list<Row>(answer: Record<string, unknown>, key: string): Row[]
  /** The error of an answer that no host of ours gives. */
  stranger(): PressroomError
}

const READ_TIMEOUT_MS = 10_000
/** A tick may take as long as a function may. */
const CHANGE_TIMEOUT_MS = 1_000_000

/**
 * Makes calls to the host at `PRESSROOM_ADMIN_URL` (default `http://127.0.0.1:8788`), with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createCaller(env: Readonly<Record<string, string | undefined>>): Caller {
  const base = env['PRESSROOM_ADMIN_URL'] || defaultAdminUrl
  const token = env['PRESSROOM_ADMIN_TOKEN']
  if (!/^https?:\/\//i.test(base) || !URL.canParse(base)) {
    throw new PressroomError('bad_option', `PRESSROOM_ADMIN_URL: expected a URL such as ${defaultAdminUrl}, found "${base}"`)
  }
  const stranger = () => new PressroomError('bad_option', `what answers at ${base} is no Pressroom operator's API; set PRESSROOM_ADMIN_URL to the admin port`)
  const send = (path: string, change: Change | undefined, withinMs: number): Promise<Response> => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
    if (change) headers['content-type'] = change.type ?? 'application/json'
    return fetch(new URL(path, base), { ...toInit(change), headers, signal: AbortSignal.timeout(withinMs), redirect: 'error' }).catch((cause: unknown) => {
      throw silent(base, cause)
    })
  }
  return {
    base,
    stranger,
    async call(path, change) {
      const response = await send(path, change, change ? CHANGE_TIMEOUT_MS : READ_TIMEOUT_MS)
      const answer: unknown = await response.json().catch(() => undefined)
      if (response.ok && isObject(answer)) return answer
      throw refused(base, path, response.status, answer) ?? stranger()
    },
    async open(path) {
      const response = await send(path, undefined, CHANGE_TIMEOUT_MS)
      if (response.ok && response.body) return response.body
      throw refused(base, path, response.status, await response.json().catch(() => undefined)) ?? stranger()
    },
    list<Row>(answer: Record<string, unknown>, key: string) {
      const rows = answer[key]
      if (!Array.isArray(rows)) throw stranger()
      return rows as Row[]
    },
  }
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toInit(change: Change | undefined): RequestInit {
  if (change === undefined) return {}
  const { method, body } = change
  if (body instanceof ReadableStream || body instanceof Blob) return { method, body, duplex: 'half' } as RequestInit
  return body === undefined ? { method } : { method, body: JSON.stringify(body) }
}

function silent(base: string, cause: unknown): PressroomError {
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new PressroomError('bad_option', `the host at ${base} does not answer in time; is it overloaded?`, { cause })
  }
  return new PressroomError(
    'bad_option',
    `no host answers at ${base}; is it running? Start it with \`pressroom start\`, or set PRESSROOM_ADMIN_URL to the operator URL it printed`,
    { cause },
  )
}

function refused(base: string, path: string, status: number, answer: unknown): PressroomError | undefined {
  const error = isObject(answer) && isObject(answer['error']) ? answer['error'] : undefined
  if (typeof error?.['code'] !== 'string') return undefined
  if (error['code'] === 'unauthorized') {
    return new PressroomError('bad_option', `the host at ${base} wants its token; set PRESSROOM_ADMIN_TOKEN to the one it was started with`)
  }
  const told = typeof error['detail'] === 'string' ? error['detail'] : String(error['message'])
  const log = typeof error['log'] === 'string' && error['log'] !== '' ? `\nIt wrote:\n${error['log'].trimEnd()}` : ''
  return new PressroomError('bad_option', `the host at ${base} answered ${path} with ${status} ${error['code']}: ${told}${log}`)
}
