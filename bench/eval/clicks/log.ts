import { createReadStream, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

/** An item of a log; a field that the log does not have is absent. */
export interface LogItem {
  id: string
  title?: string
  summary?: string
  category?: string
  topics?: string[]
  entities?: string[]
  /** Grows with publication. */
  sequence?: number
}

/** Something that happened in a log. Times in milliseconds since 1970. */
export type LogEvent =
  | { type: 'read'; at: number; user: string; item: string }
  | { type: 'impression'; at: number; user: string; items: string[]; clicked: string[]; history: string[] }

/** Whether a user clicked an item, without a time. */
export interface Label {
  user: string
  item: string
  clicked: boolean
}

/** What a folder of readers' behaviour holds: a log of events, or labels. */
export interface ClickLog {
  items: Map<string, LogItem>
  events: LogEvent[]
  labels: Label[]
}

type Written = Record<string, unknown>

/** Calls `each` with every line of a file, gzipped or not, and holds no more of it; none where there is no such file. */
async function eachLine(folder: string, name: string, each: (row: Written) => void): Promise<void> {
  const file = [`${name}.jsonl.gz`, `${name}.jsonl`].map((one) => join(folder, one)).find((one) => existsSync(one))
  if (file === undefined || statSync(file).size === 0) return
  const bytes = createReadStream(file)
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  bytes.on('error', (error) => text.destroy(error))
  let number = 0
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
      number++
      if (line.trim() === '') continue
      each(rowOf(line))
    }
  } catch (error) {
    throw new Error(`${file}:${number}: ${(error as Error).message}`)
  }
}

function rowOf(line: string): Written {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    row = undefined
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new Error('expected one JSON object a line')
  return row as Written
}

/** Milliseconds since 1970 of a time in ISO 8601, or of a number of seconds or milliseconds. */
function timeOf(at: unknown): number {
  const number = typeof at === 'number' || (typeof at === 'string' && /^\d{9,}(?:\.\d+)?$/.test(at)) ? Number(at) : undefined
  // A number of milliseconds below this would be of the first days of 1973.
  const time = number === undefined ? Date.parse(String(at)) : number < 1e11 ? number * 1000 : number
  if (!Number.isFinite(time)) throw new Error(`at: expected a time in ISO 8601, found ${JSON.stringify(at)}`)
  return time
}

/** Texts that are said again and again are held once. */
function interned(): (text: unknown) => string {
  const known = new Map<string, string>()
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`expected a name, found ${JSON.stringify(value)}`)
    const text = String(value)
    const held = known.get(text)
    if (held !== undefined) return held
    known.set(text, text)
    return text
  }
}

function textsIn(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : []).filter((one) => typeof one === 'string')
}

function itemOf(row: Written): LogItem {
  const { id, title, summary, category, sequence } = row
  return {
    id: String(id), topics: textsIn(row['topics']), entities: textsIn(row['entities']),
    ...(typeof title === 'string' ? { title } : {}), ...(typeof summary === 'string' ? { summary } : {}), ...(typeof category === 'string' ? { category } : {}),
    ...(typeof sequence === 'number' ? { sequence } : {}),
  }
}

/**
 * Reads a folder with `items.jsonl.gz` and `events.jsonl.gz` or `labels.jsonl.gz`; events in the order of their times. Items that no line
 * tells of, lists without clicks and users without a history are as good as others.
 * @throws Error that names the file and line.
 */
export async function readClickLog(folder: string): Promise<ClickLog> {
  const log: ClickLog = { items: new Map(), events: [], labels: [] }
  const name = interned()
  const names = (value: unknown) => (Array.isArray(value) ? value.map(name) : [])
  // What a user had read before the log counts once.
  const known = new Set<string>()
  await eachLine(folder, 'events', ({ type, at, user, item, items, clicked, history }) => {
    if (type === 'read') log.events.push({ type, at: timeOf(at), user: name(user), item: name(item) })
    else if (type === 'impression') {
      const time = timeOf(at)
      log.events.push({ type, at: time, user: name(user), items: names(items), clicked: names(clicked), history: known.has(name(user)) ? [] : names(history) })
      if (Array.isArray(history)) known.add(name(user))
    } else throw new Error(`type: expected read or impression, found ${JSON.stringify(type)}`)
  })
  await eachLine(folder, 'labels', ({ user, item, clicked }) => log.labels.push({ user: name(user), item: name(item), clicked: clicked === true || clicked === 1 }))
  if (log.events.length === 0 && log.labels.length === 0) throw new Error(`${folder}: expected events.jsonl.gz or labels.jsonl.gz with at least one line`)
  log.events.sort((a, b) => a.at - b.at)
  await eachLine(folder, 'items', (row) => log.items.set(name(row['id']), itemOf(row)))
  return log
}
