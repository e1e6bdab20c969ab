import { readFileSync } from 'node:fs'
import { PressroomError } from '../../../contract/errors.ts'
import type { Headers } from './headers.ts'

/** What of a call is typed. */
export interface TypedEvent {
  data?: string
  method?: string
  path?: string
  header?: Headers
  scheduled?: string
  time?: string
  queue?: string
}

const ofRequests = ['method', 'path', 'header'] as const

/**
 * Makes the event of a command line: a tick with `--scheduled`, a batch of one message with `--queue`, else a request.
 * @throws PressroomError `bad_option` for options that do not go together, and for files that cannot be read
 */
export function typedEvent(typed: TypedEvent): object {
  const { data, method, path, header, scheduled, time, queue } = typed
  const refuse = (message: string) => new PressroomError('bad_option', message)
  if (scheduled !== undefined && queue !== undefined) throw refuse('--scheduled and --queue do not go together: one event has one trigger')
  if (time !== undefined && scheduled === undefined) throw refuse('--time needs --scheduled')
  const strange = scheduled ?? queue ? ofRequests.find((name) => typed[name] !== undefined) : undefined
  if (strange !== undefined) throw refuse(`--${strange} is of a request: it does not go with --${scheduled === undefined ? 'queue' : 'scheduled'}`)
  if (scheduled !== undefined) {
    if (data !== undefined) throw refuse('--data does not go with --scheduled: a tick carries nothing')
    return { scheduled: { cron: scheduled, ...(time === undefined ? {} : { time }) } }
  }
  const bytes = data === undefined ? undefined : readData(data)
  if (queue !== undefined) {
    if (!bytes) throw refuse('--queue needs --data: the body of its message')
    return { queue: { queue, messages: [message(bytes)] } }
  }
  return {
    request: {
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { url: path }),
      ...(header === undefined ? {} : { headers: header }),
      ...(bytes ? body(bytes) : {}),
    },
  }
}

/** `@file`, `-` for standard input, or the text itself. */
function readData(data: string): Buffer {
  if (data !== '-' && !data.startsWith('@')) return Buffer.from(data)
  const file = data === '-' ? 0 : data.slice(1)
  try {
    return readFileSync(file)
  } catch (error) {
    throw new PressroomError('bad_option', `--data: expected a file that can be read, found ${file === 0 ? 'standard input' : file} (${(error as Error).message})`, { cause: error })
  }
}

function body(bytes: Buffer): { body: string } | { bodyBase64: string } {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? { body: text } : { bodyBase64: bytes.toString('base64') }
}

/** JSON is sent as its value, other text as text, the rest as bytes. */
function message(bytes: Buffer): object {
  const content = body(bytes)
  if ('bodyBase64' in content) return { ...content, contentType: 'bytes' }
  try {
    return { body: JSON.parse(content.body) as unknown, contentType: 'json' }
  } catch {
    return { ...content, contentType: 'text' }
  }
}
