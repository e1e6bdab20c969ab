import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import type { HostProcess } from './host-process.ts'

/** POST: sends the array that it is given; each item is a message or `{body, …options}`. */
const SENDER = `export default {
  async fetch(request, env) {
    try {
      const { metadata } = await env.QUEUE.sendBatch((await request.json()).map((message) => (message?.body === undefined ? { body: message } : message)))
      return Response.json(metadata.metrics)
    } catch (error) {
      return new Response(error.name + ': ' + error.message, { status: 429 })
    }
  },
}
export const config = { env: ['QUEUE'] }
`

/** Keeps each message that it was given in KV, under its body, a line for each delivery; does what the body says. */
const CONSUMER = `export default {
  async queue(batch, env) {
    for (const message of batch.messages) {
      const { name, act } = message.body
      await env.SEEN.put(name + '/' + message.attempts + '/' + message.id, JSON.stringify({ queue: batch.queue, size: batch.messages.length }))
      if (act === 'exit') process.exit(1)
      if (act === 'throw') throw new Error('as it was told')
      if (act === 'retry') message.retry()
      if (act === 'sleep') await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  },
  async fetch(request, env) {
    const keys = []
    let cursor
    do {
      const page = await env.SEEN.list({ cursor })
      keys.push(...page.keys.map(({ name }) => name))
      cursor = page.cursor
    } while (cursor)
    return Response.json(keys)
  },
}
export const config = { env: ['SEEN'], queues: ['work', 'mourned'] }
`

/** Makes functions `send` and `take` over the queue `work`. */
export function makeQueueFolder(consumers: string): FunctionFolder {
  const folder = makeFunctionFolder()
  folder.write('send.ts', SENDER)
  folder.write('take.ts', CONSUMER)
  writeFileSync(join(folder.cwd, 'wrangler.toml'), `
[[kv_namespaces]]
binding = "SEEN"
id = "seen"
[[queues.producers]]
binding = "QUEUE"
queue = "work"
${consumers}
`)
  return folder
}

/** Sends messages through the function; rejects unless they are kept. */
export async function send(host: Pick<HostProcess, 'url'>, ...messages: unknown[]): Promise<{ backlogCount: number }> {
  const response = await fetch(`${host.url}/send`, { method: 'POST', body: JSON.stringify(messages) })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as { backlogCount: number }
}

/** Names and attempts of all deliveries so far, as `name/attempt`, sorted. */
export async function deliveries(host: Pick<HostProcess, 'url'>): Promise<string[]> {
  const response = await fetch(`${host.url}/take`)
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const keys = (await response.json()) as string[]
  return keys.map((key) => key.split('/').slice(0, 2).join('/')).sort((a, b) => a.localeCompare(b))
}
