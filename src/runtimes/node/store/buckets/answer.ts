import { randomUUID } from 'node:crypto'
import type { Buckets, Checksums, Conditions, Draft, ListQuery, ObjectMetadata, OpenObject, PartTag } from '../../../../ports/buckets.ts'
import { meets } from '../../../../ports/buckets.ts'
import type { GetAnswer } from '../../bindings/r2/bucket.ts'
import { PART_BYTES, resolveRange, type Range } from '../../bindings/r2/values.ts'
import type { BucketSpec } from '../../bindings/spec.ts'
import type { Answerer, CallResult } from '../../calls.ts'

/** What nobody goes on with for so long is given up: an instance may have died over it. */
const IDLE_MS = 300_000

interface Reading {
  open: OpenObject
  at: number
  end: number
}

type Args = ObjectMetadata & {
  key: string
  keys: string[]
  handle?: string
  checksums: Checksums & (keyof Checksums)[]
  onlyIf?: Conditions
  range?: Range
  upload: string
  partNumber: number
  parts: PartTag[]
}

/** Things that an instance holds open between two calls, by handle. */
class Held<T> {
  readonly #held = new Map<string, { thing: T; timer: NodeJS.Timeout }>()
  readonly #giveUp: (thing: T) => Promise<void>
  constructor(giveUp: (thing: T) => Promise<void>) {
    this.#giveUp = giveUp
  }
  add(thing: T): string {
    const handle = randomUUID()
    const timer = setTimeout(() => void this.end(handle), IDLE_MS).unref()
    this.#held.set(handle, { thing, timer })
    return handle
  }
  get(handle: string | undefined): T {
    const held = this.#held.get(handle ?? '')
    if (!held) throw new Error('the transfer was given up: nothing came of it for five minutes')
    held.timer.refresh()
    return held.thing
  }
  /** Takes it out without ending it. */
  take(handle: string): T {
    const thing = this.get(handle)
    clearTimeout(this.#held.get(handle)!.timer)
    this.#held.delete(handle)
    return thing
  }
  async end(handle: string): Promise<void> {
    if (this.#held.has(handle)) await this.#giveUp(this.take(handle))
  }
}

/** Answers the calls of bucket bindings. */
export function createBucketAnswerer(buckets: Buckets): Answerer<BucketSpec> {
  const readings = new Held<Reading>(({ open }) => open.close())
  const drafts = new Held<Draft>((draft) => draft.abort())

  const get = async (bucket: string, { key, onlyIf, range: asked }: Args): Promise<CallResult> => {
    const open = await buckets.open(bucket, key)
    if (!open) return { value: null }
    const { object } = open
    try {
      if (onlyIf && !meets(onlyIf, object)) {
        await open.close()
        return { value: { object, failed: true } satisfies GetAnswer }
      }
      const range = resolveRange(asked, object.size)
      const body = await open.read(range.offset, Math.min(range.length, PART_BYTES))
      if (body.length === range.length) {
        await open.close()
        return { value: { object, range } satisfies GetAnswer, body }
      }
      const handle = readings.add({ open, at: range.offset + body.length, end: range.offset + range.length })
      return { value: { object, range, handle } satisfies GetAnswer, body }
    } catch (error) {
      await open.close()
      throw error
    }
  }
  const read = async (handle: string | undefined): Promise<CallResult> => {
    const reading = readings.get(handle)
    const body = await reading.open.read(reading.at, Math.min(reading.end - reading.at, PART_BYTES))
    reading.at += body.length
    // The reader asks once more when all has come.
    if (body.length === 0) await readings.end(handle!)
    return { body }
  }
  /** The content of a call: its own body, or what was written before. */
  const content = async (bucket: string, { handle, checksums }: Args, body: Uint8Array): Promise<Draft> => {
    if (handle !== undefined) return drafts.take(handle)
    const draft = await buckets.draft(bucket, Object.keys(checksums ?? {}) as (keyof Checksums)[])
    await draft.write(body)
    return draft
  }

  return async ({ bucket }, { o: operation, a }, body) => {
    const args = a as Args
    switch (operation) {
      case 'head':
        return { value: await buckets.head(bucket, args.key) }
      case 'get':
        return get(bucket, args)
      case 'read':
        return read(args.handle)
      case 'close':
        await readings.end(args.handle ?? '')
        return {}
      case 'begin':
        return { value: drafts.add(await buckets.draft(bucket, args.checksums)) }
      case 'write':
        await drafts.get(args.handle).write(body)
        return {}
      case 'abort':
        await drafts.end(args.handle ?? '')
        return {}
      case 'put': {
        const { key, httpMetadata, customMetadata, checksums, onlyIf } = args
        const draft = await content(bucket, args, body)
        return { value: await buckets.put(bucket, key, draft, { httpMetadata, customMetadata, checksums, ...(onlyIf ? { onlyIf } : {}) }) }
      }
      case 'delete':
        await buckets.delete(bucket, args.keys)
        return {}
      case 'list':
        return { value: await buckets.list(bucket, a as ListQuery) }
      case 'createUpload':
        return { value: await buckets.createUpload(bucket, args.key, args) }
      case 'part':
        return { value: await buckets.putPart(bucket, args.key, args.upload, args.partNumber, await content(bucket, args, body)) }
      case 'completeUpload':
        return { value: await buckets.completeUpload(bucket, args.key, args.upload, args.parts) }
      case 'abortUpload':
        await buckets.abortUpload(bucket, args.key, args.upload)
        return {}
      default:
        throw new TypeError(`bucket ${bucket}: there is no operation ${operation}`)
    }
  }
}
