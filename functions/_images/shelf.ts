import type { NewsEnv } from '../_news/env.ts'
import type { Format } from './presets.ts'

/** What the image functions find in their environment. */
export interface ImagesEnv extends Pick<NewsEnv, 'DB' | 'READER_SECRET' | 'CORS_ORIGINS' | 'PICTURES'> {
  /** Cloudflare's image binding; only Workers has it. */
  IMAGES?: ImagesBinding
}

/** Where one format of a variant lies. */
export interface Stored {
  key: string
  bytes: number
}

/** A variant as it is kept; several may share their files, where the original is small. */
export interface Variant {
  name: string
  filter: string
  width: number
  height: number
  formats: Record<Format, Stored>
}

/** What making the variants took, as the function saw it. */
export interface Bill {
  /** Milliseconds from the original to the last variant. */
  run_ms: number
  memory_mib: number
  gib_seconds: number
  /** The record in the ledger has the same; null where nobody traced it. */
  trace_id: string | null
}

/** What is known of an image once its variants are made, or cannot be. It is written last, in one step: without it nothing is shown. */
export interface Manifest {
  id: string
  status: 'ready' | 'refused'
  /** Why it was refused. */
  error?: { code: string; message: string }
  type?: string
  width?: number
  height?: number
  /** True where only the first of several frames is shown. */
  animated?: boolean
  placeholder?: string
  variants: Variant[]
  bill: Bill | null
  /** Milliseconds since 1970. */
  at: number
}

/** In place of an owner: the original is an image of elsewhere. */
export const ELSEWHERE = 'remote'

/** Where an original lies. */
export function originalKey(id: string): string {
  return `originals/${id}`
}

/** Where the files of an image's variants lie. */
export function variantPrefix(id: string): string {
  return `variants/${id}/`
}

function manifestKey(id: string): string {
  return `manifests/${id}`
}

/** What is known of an image; null before its variants are made. */
export async function readManifest(bucket: R2Bucket, id: string): Promise<Manifest | null> {
  const object = await bucket.get(manifestKey(id))
  return object === null ? null : object.json<Manifest>()
}

/** Shows an image, or why there is none. */
export async function writeManifest(bucket: R2Bucket, manifest: Manifest): Promise<void> {
  await bucket.put(manifestKey(manifest.id), JSON.stringify(manifest), { httpMetadata: { contentType: 'application/json' } })
}

/** After so long without a result an original may be kept again: whoever was to make its variants will not. */
const LOST_MS = 900_000

/** Whether there is an original whose variants somebody is to make. */
export async function isUnderWay(bucket: R2Bucket, id: string): Promise<boolean> {
  return !isLost((await bucket.head(originalKey(id)))?.uploaded)
}

function isLost(since: Date | undefined): boolean {
  return since === undefined || Date.now() - since.getTime() > LOST_MS
}

/**
 * Keeps an original that has no variants yet, once, however many bring it at the same time: each that is kept wakes whoever makes them.
 * @returns whether it was kept, and was not under way already
 */
export async function keepOriginal(bucket: R2Bucket, id: string, bytes: Uint8Array, about: Pick<R2PutOptions, 'httpMetadata' | 'customMetadata'>): Promise<boolean> {
  const since = (await bucket.head(originalKey(id)))?.uploaded
  if (!isLost(since)) return false
  const onlyIf = since === undefined ? { etagDoesNotMatch: '*' } : { uploadedBefore: new Date(since.getTime() + 1) }
  return (await bucket.put(originalKey(id), bytes, { ...about, onlyIf })) !== null
}

/** Removes all of an image. What shows it goes first, the original last, so that a call that was cut short can be made again. */
export async function removeImage(bucket: R2Bucket, id: string): Promise<void> {
  await removeMade(bucket, id)
  await bucket.delete(originalKey(id))
}

/** Removes what was made of an original, and not the original. */
export async function removeMade(bucket: R2Bucket, id: string): Promise<void> {
  await bucket.delete(manifestKey(id))
  for (;;) {
    const { objects } = await bucket.list({ prefix: variantPrefix(id) })
    if (objects.length === 0) break
    await bucket.delete(objects.map(({ key }) => key))
  }
}
