import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'

/** What the server says at one path: a document, or a way to misbehave. */
export type Answer =
  | { body: string | Uint8Array; type?: string; status?: number; headers?: Record<string, string> }
  | ((request: IncomingMessage, response: ServerResponse) => void)

/** A server of feeds on loopback, with conditional answers and a record of what it was asked. */
export interface FeedServer {
  origin: string
  answers: Map<string, Answer>
  /** Path, status and request headers of every answer, oldest first. */
  log: { path: string; status: number; headers: IncomingMessage['headers'] }[]
  /** Makes `paths` the feeds of the OPML file at `/sources.opml`. */
  list(paths: { path: string; title: string; topic?: string }[]): void
  stop(): Promise<void>
}

/** An OPML file of the given feeds, each within an outline of its topic. */
export function opmlOf(origin: string, feeds: { path: string; title: string; topic?: string }[]): string {
  const outlines = feeds.map(({ path, title, topic }) => {
    const feed = `<outline type="rss" text="${title}" xmlUrl="${origin}${path}"/>`
    return topic === undefined ? feed : `<outline text="${topic}">${feed}</outline>`
  })
  return `<?xml version="1.0"?><opml version="2.0"><head/><body>${outlines.join('')}</body></opml>`
}

/** Starts a feed server on a free port of loopback. */
export async function startFeedServer(): Promise<FeedServer> {
  const answers = new Map<string, Answer>()
  const log: FeedServer['log'] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    response.on('close', () => log.push({ path, status: response.statusCode, headers: request.headers }))
    const answer = answers.get(path)
    if (answer === undefined) return void response.writeHead(404).end()
    if (typeof answer === 'function') return answer(request, response)
    const etag = `"${createHash('sha256').update(answer.body).digest('hex').slice(0, 16)}"`
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end()
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/xml', etag, ...answer.headers }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    answers,
    log,
    list: (feeds) => void answers.set('/sources.opml', { body: opmlOf(origin, feeds), type: 'text/x-opml' }),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
