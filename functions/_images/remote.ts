import { fromBase64Url, toBase64Url } from '../_news/identity.ts'
import { reason, Problem } from '../_news/problems.ts'
import { readerSecret } from '../_news/secret.ts'
import type { NewsEnv } from '../_news/env.ts'
import { Crowded, readImage } from './intake.ts'
import { digestText } from './names.ts'
import { ELSEWHERE, isUnderWay, keepOriginal, readManifest, removeImage, writeManifest, type Manifest } from './shelf.ts'
import { sniff } from './sniff.ts'

/** How long an address that gave no image is left alone. */
const AGAIN_MS = 3600_000
const FETCH_MS = 10_000
const encoder = new TextEncoder()

async function signingKey(env: Pick<NewsEnv, 'DB' | 'READER_SECRET'>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', await readerSecret(env as NewsEnv), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

// No signature of a cookie or a token is ever one of an image: none of their texts begins like this.
function signedText(url: string): Uint8Array {
  return encoder.encode(`image:${url}`)
}

/** The path under which this host shows an image of elsewhere, for pages to use: nobody else can make one. */
export async function remoteImagePath(env: Pick<NewsEnv, 'DB' | 'READER_SECRET'>, url: string, variant: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await signingKey(env), signedText(url))
  return `/images/remote?${new URLSearchParams({ url, variant, signature: toBase64Url(new Uint8Array(signature)) }).toString()}`
}

/** @throws Problem 403 for an address that this host did not sign, so that it fetches for nobody but its own pages */
export async function checkSignature(env: Pick<NewsEnv, 'DB' | 'READER_SECRET'>, url: string, signature: string): Promise<void> {
  const signed = /^[\w-]{43}$/.test(signature) && (await crypto.subtle.verify('HMAC', await signingKey(env), fromBase64Url(signature), signedText(url)))
  if (!signed) throw new Problem(403, 'forbidden', 'signature: not that of this address; only addresses that this host signed are fetched')
}

/** The id of an image of elsewhere. */
export async function remoteId(url: string): Promise<string> {
  return digestText(`remote:${url}`)
}

/** When this instance began to fetch what it has not kept yet. Plain data: on Workers one request may not wait for another's promise. */
const begun = new Map<string, number>()
/** After this the request that fetches is taken for lost. */
const LOST_MS = 2 * FETCH_MS

/**
 * Fetches an image of elsewhere, once, and keeps it as an original; one that cannot be had is kept as a refusal for an hour. Null where it is
 * not shown yet: its variants are being made, or another request fetches it.
 * @param wake told when there is an original to make variants of
 */
export async function fetchRemote(bucket: R2Bucket, id: string, url: string, wake: () => void): Promise<Manifest | null> {
  const known = await readManifest(bucket, id)
  if (known !== null && (known.status === 'ready' || Date.now() - known.at < AGAIN_MS)) return known
  if (known === null && (await isUnderWay(bucket, id))) return null
  if (Date.now() - (begun.get(id) ?? 0) < LOST_MS) return null
  begun.set(id, Date.now())
  try {
    if (known !== null) await removeImage(bucket, id)
    await keep(bucket, id, url, wake)
  } finally {
    begun.delete(id)
  }
  return readManifest(bucket, id)
}

async function keep(bucket: R2Bucket, id: string, url: string, wake: () => void): Promise<void> {
  try {
    const response = await fetch(url, { headers: { accept: 'image/avif,image/webp,image/*' }, signal: AbortSignal.timeout(FETCH_MS) })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`the server answered ${response.status}`)
    }
    const bytes = await readImage(response)
    if (await keepOriginal(bucket, id, bytes, { httpMetadata: { contentType: sniff(bytes) }, customMetadata: { owner: ELSEWHERE } })) wake()
  } catch (error) {
    if (error instanceof Crowded) throw error
    const code = error instanceof Problem ? 'not_an_image' : 'unreachable'
    await writeManifest(bucket, { id, status: 'refused', error: { code, message: reason(error).slice(0, 300) }, variants: [], bill: null, at: Date.now() })
  }
}
