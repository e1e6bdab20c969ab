import { isAnimated } from './frames.ts'
import { box, formats, presets, smallPresets, type Format, type Preset } from './presets.ts'
import { ELSEWHERE, originalKey, readManifest, removeMade, variantPrefix, writeManifest, type Bill, type Manifest, type Stored, type Variant } from './shelf.ts'
import { Unusable, type Picture, type Studio } from './studio.ts'

/** What the caller knows of the call that the work is part of. */
export interface Work {
  /** Milliseconds, any origin. */
  elapsed(): number
  memoryMib: number
  traceId: string | null
}

/**
 * Makes all variants of an original and then shows them. Done twice, it changes nothing; cut short, it shows nothing and can be done again.
 * What can never be shown is kept as a refusal with its reason.
 * @returns what is shown, or null where the original is gone
 */
export async function develop(bucket: R2Bucket, studio: Studio, id: string, work: Work): Promise<Manifest | null> {
  let manifest = await readManifest(bucket, id)
  const original = manifest === null ? await bucket.get(originalKey(id)) : null
  if (original !== null) {
    manifest = await makeManifest(bucket, studio, id, original, work)
    await writeManifest(bucket, manifest)
  }
  return settle(bucket, id, manifest)
}

/** Shows that an image could not be made, however often that was tried. */
export async function giveUp(bucket: R2Bucket, id: string): Promise<void> {
  let manifest = await readManifest(bucket, id)
  if (manifest === null) {
    await removeMade(bucket, id)
    const why = new Unusable('failed', 'every attempt at its variants broke off; send it again, or a smaller one')
    manifest = { id, ...refusal(why), bill: null, at: Date.now() }
    await writeManifest(bucket, manifest)
  }
  await settle(bucket, id, manifest)
}

/** Deleted meanwhile, or before an attempt that broke off: what was made after that has no owner. */
async function settle(bucket: R2Bucket, id: string, manifest: Manifest | null): Promise<Manifest | null> {
  if ((await bucket.head(originalKey(id))) !== null) return manifest
  await removeMade(bucket, id)
  return null
}

async function makeManifest(bucket: R2Bucket, studio: Studio, id: string, original: R2ObjectBody, work: Work): Promise<Manifest> {
  const began = work.elapsed()
  const bill = (): Bill => {
    const ms = work.elapsed() - began
    return { run_ms: Math.round(ms * 1000) / 1000, memory_mib: work.memoryMib, gib_seconds: Math.round((ms / 1000) * (work.memoryMib / 1024) * 1e6) / 1e6, trace_id: work.traceId }
  }
  const facts = { id, type: original.httpMetadata?.contentType ?? 'application/octet-stream' }
  try {
    const bytes = new Uint8Array(await original.arrayBuffer())
    const wanted = original.customMetadata?.['owner'] === ELSEWHERE ? smallPresets : presets
    const picture = await studio.open(bytes, wanted[0]!)
    const variants = await makeVariants(bucket, id, picture, wanted)
    const { width, height } = picture
    return { ...facts, status: 'ready', width, height, animated: isAnimated(bytes), placeholder: await picture.placeholder(), variants, bill: bill(), at: Date.now() }
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    await removeMade(bucket, id)
    return { ...facts, ...refusal(error), bill: bill(), at: Date.now() }
  }
}

function refusal({ code, message }: Unusable): Pick<Manifest, 'status' | 'error' | 'variants'> {
  return { status: 'refused', error: { code, message }, variants: [] }
}

async function makeVariants(bucket: R2Bucket, id: string, picture: Picture, wanted: readonly Preset[]): Promise<Variant[]> {
  const variants: Variant[] = []
  for (const preset of wanted) {
    const twin = variants.find((made) => servesAs(preset, made))
    if (twin !== undefined) {
      variants.push({ ...twin, name: preset.name })
      continue
    }
    variants.push(await makeVariant(bucket, id, picture, preset))
  }
  return variants
}

/** Formats are made two at a time: all at once takes more memory and no less time. Whatever fails, none is still being kept when this ends. */
async function makeVariant(bucket: R2Bucket, id: string, picture: Picture, preset: Preset): Promise<Variant> {
  const files: Partial<Record<Format, Stored>> = {}
  let size = { width: 0, height: 0 }
  // The first takes as long as the others together.
  const [first, ...others] = formats
  const work = await Promise.allSettled([[first], others].map(async (lane) => {
    for (const format of lane) {
      const { bytes, width, height } = await picture.make(preset, format)
      const key = `${variantPrefix(id)}${preset.name}.${format}`
      await bucket.put(key, bytes, { httpMetadata: { contentType: `image/${format}` } })
      files[format] = { key, bytes: bytes.byteLength }
      size = { width, height }
    }
  }))
  for (const one of work) if (one.status === 'rejected') throw one.reason
  return { name: preset.name, filter: preset.filter, ...size, formats: files as Record<Format, Stored> }
}

/** What was made for a larger box and fits into this one is as large as its original: such presets share their files. */
function servesAs(preset: Preset, made: Variant): boolean {
  const { width, height } = box(preset)
  return made.width <= width && made.height <= height && (made.filter === 'grey') === (preset.filter === 'grey')
}
