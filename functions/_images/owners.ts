import type { NewsEnv } from '../_news/env.ts'
import { ownerOf } from './names.ts'
import { ELSEWHERE, originalKey, removeImage } from './shelf.ts'

/** Where it is kept that an image is somebody's: what a reader sent can be found again by the reader alone. */
function ownedPrefix(owner: string): string {
  return `owners/${owner}/`
}

/** There once every original has its owner noted. */
const COMPLETE = 'owners'

/** Originals name their owner in their metadata. Those that were kept before owners were noted get their note, once for a bucket. */
async function noteOlder(bucket: R2Bucket): Promise<void> {
  if ((await bucket.head(COMPLETE)) !== null) return
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ prefix: originalKey(''), include: ['customMetadata'], ...(cursor === undefined ? {} : { cursor }) })
    for (const { key, customMetadata } of page.objects) {
      const owner = customMetadata?.['owner']
      if (owner !== undefined && owner !== ELSEWHERE) await own(bucket, owner, key.slice(originalKey('').length))
    }
    if (!page.truncated) break
    cursor = page.cursor
  }
  await bucket.put(COMPLETE, '')
}

/** Remembers whose an image is; comes before its original, so that none is kept that cannot be found. */
export async function own(bucket: R2Bucket, owner: string, id: string): Promise<void> {
  await bucket.put(ownedPrefix(owner) + id, '')
}

/** Removes an image and whose it was. */
export async function removeOwned(bucket: R2Bucket, owner: string, id: string): Promise<void> {
  await removeImage(bucket, id)
  await bucket.delete(ownedPrefix(owner) + id)
}

/** Ids of the images that a reader sent. */
export async function imagesOf({ PICTURES: bucket }: Pick<NewsEnv, 'PICTURES'>, reader: string): Promise<string[]> {
  if (bucket === undefined) return []
  await noteOlder(bucket)
  const prefix = ownedPrefix(await ownerOf(reader))
  const ids: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) })
    ids.push(...page.objects.map(({ key }) => key.slice(prefix.length)))
    if (!page.truncated) break
    cursor = page.cursor
  }
  return ids
}

/** Removes all images that a reader sent; cut short, it can be done again. */
export async function eraseImages(env: Pick<NewsEnv, 'PICTURES'>, reader: string): Promise<void> {
  if (env.PICTURES === undefined) return
  const owner = await ownerOf(reader)
  for (const id of await imagesOf(env, reader)) await removeOwned(env.PICTURES, owner, id)
}
