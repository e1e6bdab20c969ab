import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'

/** PUT streams what comes into the bucket, GET streams it out; both bounded to 128 MiB of memory. */
const STORE = `export const config = { routes: ['/store/*'], env: ['BUCKET'], memory: 128, timeout: 120 }
export default {
  async fetch(request, env) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice('/store/'.length))
    if (request.method === 'PUT') {
      const { size, etag } = await env.BUCKET.put(key, request.body ?? '', { customMetadata: { by: 'store' }, httpMetadata: request.headers })
      return Response.json({ size, etag })
    }
    if (request.method === 'DELETE') return env.BUCKET.delete(key).then(() => new Response(null, { status: 204 }))
    const object = await env.BUCKET.get(key, { range: request.headers, onlyIf: request.headers })
    if (object === null) return new Response('no such object', { status: 404 })
    const headers = new Headers({ etag: object.httpEtag })
    object.writeHttpMetadata(headers)
    return object.body ? new Response(object.body, { headers }) : new Response(null, { status: 304, headers })
  },
}
`

/** Keeps what it is told in KV, by action and key; GET lists that. */
const LISTENER = `export const config = { buckets: [{ bucket: 'uploads', suffix: '.txt' }], env: ['TOLD'] }
export default {
  async queue(batch, env) {
    for (const { id, body } of batch.messages) await env.TOLD.put(body.action + ' ' + body.object.key + ' ' + id, JSON.stringify(body))
  },
  async fetch(request, env) {
    const told = []
    let cursor
    do {
      const page = await env.TOLD.list({ cursor })
      for (const { name } of page.keys) told.push(JSON.parse(await env.TOLD.get(name)))
      cursor = page.cursor
    } while (cursor)
    return Response.json(told)
  },
}
`

/** Cloudflare's notification. */
export interface Told {
  account: string
  bucket: string
  action: string
  object: { key: string; size?: number; eTag?: string }
  eventTime: string
}

/** A project with a bucket, a function that stores and one that hears of it. */
export function makeBucketFolder(): FunctionFolder {
  const folder = makeFunctionFolder()
  folder.write('store.js', STORE)
  folder.write('listener.js', LISTENER)
  writeFileSync(join(folder.cwd, 'wrangler.toml'), `
[[r2_buckets]]
binding = "BUCKET"
bucket_name = "uploads"
[[kv_namespaces]]
binding = "TOLD"
id = "told"
`)
  return folder
}
