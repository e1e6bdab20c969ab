import { createCaller } from './call.ts'

/** An object as it is listed. */
export interface ObjectRow {
  key: string
  /** Bytes. */
  size: number
  etag: string
  /** ISO 8601 UTC. */
  uploaded: string
}

/** Buckets through the operator's API. Every call rejects with a PressroomError that names the way out. */
export interface BucketClient {
  buckets(): Promise<{ bucket: string; objects: number; bytes: number }[]>
  /** All objects whose key begins with the prefix. */
  objects(bucket: string, prefix: string): Promise<ObjectRow[]>
  put(bucket: string, key: string, content: ReadableStream<Uint8Array>, type?: string): Promise<ObjectRow>
  get(bucket: string, key: string): Promise<ReadableStream<Uint8Array>>
  /** False when it was not there. */
  delete(bucket: string, key: string): Promise<boolean>
}

/**
 * Makes a client for the host at `PRESSROOM_ADMIN_URL`, with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createBucketClient(env: Readonly<Record<string, string | undefined>>): BucketClient {
  const { call, list, open } = createCaller(env)
  // Slashes of a key are encoded too: a key such as `../x` must not be read as a path.
  const at = (bucket: string, key: string) => `/buckets/${encodeURIComponent(bucket)}/${encodeURIComponent(key)}`
  return {
    buckets: async () => list(await call('/buckets'), 'buckets'),
    async objects(bucket, prefix) {
      const objects: ObjectRow[] = []
      let cursor: string | undefined
      do {
        const query = new URLSearchParams({ prefix, ...(cursor === undefined ? {} : { cursor }) })
        const page = await call(`/buckets/${encodeURIComponent(bucket)}?${query.toString()}`)
        objects.push(...list<ObjectRow>(page, 'objects'))
        cursor = typeof page['next'] === 'string' ? page['next'] : undefined
      } while (cursor !== undefined)
      return objects
    },
    put: async (bucket, key, content, type = 'application/octet-stream') => (await call(at(bucket, key), { method: 'PUT', body: content, type })) as unknown as ObjectRow,
    get: (bucket, key) => open(at(bucket, key)),
    delete: async (bucket, key) => (await call(at(bucket, key), { method: 'DELETE' }))['deleted'] !== null,
  }
}
