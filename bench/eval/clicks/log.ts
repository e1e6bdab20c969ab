import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

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

type Written = { type: string; at: string; user: string; item: string; items: string[]; clicked: string[]; history?: string[] }

function readLines<Row>(folder: string, name: string): Row[] {
  const file = join(folder, name)
  if (!existsSync(file)) return []
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line) as Row]
    } catch {
      throw new Error(`${file}:${index + 1}: expected one JSON object a line`)
    }
  })
}

function eventOf({ type, at, user, item, items, clicked, history }: Written, index: number): LogEvent {
  const time = Date.parse(at)
  if (Number.isNaN(time)) throw new Error(`events.jsonl.gz:${index + 1}: at: expected a time in ISO 8601, found ${JSON.stringify(at)}`)
  if (type === 'read') return { type, at: time, user, item }
  if (type === 'impression') return { type, at: time, user, items, clicked, history: history ?? [] }
  throw new Error(`events.jsonl.gz:${index + 1}: type: expected read or impression, found ${JSON.stringify(type)}`)
}

/**
 * Reads a folder with `items.jsonl.gz` and `events.jsonl.gz` or `labels.jsonl.gz`; events in the order of their times.
 * @throws Error that names the file and line.
 */
export function readClickLog(folder: string): ClickLog {
  const events = readLines<Written>(folder, 'events.jsonl.gz').map(eventOf)
  const labels = readLines<Label>(folder, 'labels.jsonl.gz')
  if (events.length === 0 && labels.length === 0) throw new Error(`${folder}: expected events.jsonl.gz or labels.jsonl.gz with at least one line`)
  events.sort((a, b) => a.at - b.at)
  return { items: new Map(readLines<LogItem>(folder, 'items.jsonl.gz').map((item) => [item.id, item])), events, labels }
}
