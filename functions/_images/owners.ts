import type { NewsEnv } from '../_news/env.ts'
import { ownerOf } from './names.ts'
import { removeImage } from './shelf.ts'

/** Where it is kept that an image is somebody's: what a reader sent can be found again by the reader alone. */
function ownedPrefix(owner: string): string {
  return `owners/${owner}/`
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
  const prefix = ownedPrefix(await ownerOf(reader))
  const ids: string[] = []
  for (let cursor: string | undefined; bucket !== undefined; ) {
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
