import sharp, { type ResizeOptions, type Sharp } from 'sharp'
import { box, MOST_PIXELS, PLACEHOLDER_WIDTH, presets, quality, type Filter, type Format, type Preset } from './presets.ts'
import { Unusable, type Picture, type Studio } from './studio.ts'

const loaders = ['JpegBuffer', 'PngBuffer', 'WebpBuffer', 'NsgifBuffer', 'HeifBuffer', 'TiffBuffer']
let ready = false

/** libvips reads many kinds of files, some of them programs in their own right; only those of photographs stay. */
function prepare(): void {
  if (ready) return
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) })
  sharp.cache(false)
  ready = true
}

function damaged(error: unknown): Unusable {
  const text = error instanceof Error ? error.message : String(error)
  if (/pixel limit/i.test(text)) return tooLarge('it has')
  return new Unusable('damaged', `the image cannot be read: ${text.split('\n')[0]?.slice(0, 200)}`)
}

function tooLarge(found: string): Unusable {
  return new Unusable('too_many_pixels', `${found} more than ${MOST_PIXELS} pixels; make it smaller`)
}

const input = { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 } as const

/** Makes variants with libvips, in this process. */
export const sharpStudio: Studio = {
  async open(bytes) {
    prepare()
    const head = await sharp(bytes, { ...input, limitInputPixels: false }).metadata().catch((error: unknown) => {
      throw damaged(error)
    })
    const { width, height, orientation = 1 } = head
    if (width * height > MOST_PIXELS) throw tooLarge(`the image has ${width} × ${height},`)
    // A profile of inks or of grey does not fit the colours that come out.
    const keeps = head.hasProfile && (head.space === 'srgb' || head.space === 'rgb' || head.space === 'rgb16')
    const [upWidth, upHeight] = orientation >= 5 ? [height, width] : [width, height]
    return picture(bytes, { width: upWidth, height: upHeight }, keeps)
  },
}

function picture(bytes: Uint8Array<ArrayBuffer>, size: Pick<Picture, 'width' | 'height'>, keeps: boolean): Picture {
  const profile = (image: Sharp) => (keeps ? image.keepIccProfile() : image.withIccProfile('srgb', { attach: false }))
  const widest = presets[0]?.width ?? 0
  let master: Promise<Uint8Array> | undefined
  // The original is decoded once; each variant is made of what is already as small as the widest one, turned upright.
  const shrunk = () =>
    (master ??= profile(sharp(bytes, input).autoOrient().resize(into({ width: widest })))
      .toColourspace('srgb')
      .png({ compressionLevel: 0 })
      .toBuffer()
      .catch((error: unknown) => {
        throw damaged(error)
      }))
  return {
    ...size,
    async make(preset, format) {
      const small = filtered(sharp(await shrunk(), input).resize(into(preset)), preset.filter)
      const { data, info } = await encoded(profile(small), format).toBuffer({ resolveWithObject: true })
      return { bytes: data, width: info.width, height: info.height }
    },
    async placeholder() {
      const tiny = await sharp(await shrunk(), input).resize(into({ width: PLACEHOLDER_WIDTH })).webp({ quality: 40 }).toBuffer()
      return `data:image/webp;base64,${tiny.toString('base64')}`
    },
  }
}

function into(preset: Pick<Preset, 'width'>): ResizeOptions {
  return { ...box(preset), fit: 'inside', withoutEnlargement: true }
}

function filtered(image: Sharp, filter: Filter): Sharp {
  if (filter === 'crisp') return image.sharpen({ sigma: 0.6 })
  return filter === 'grey' ? image.modulate({ saturation: 0 }) : image
}

function encoded(image: Sharp, format: Format): Sharp {
  if (format === 'avif') return image.avif({ quality: quality.avif, effort: 2 })
  if (format === 'webp') return image.webp({ quality: quality.webp, effort: 3 })
  return image.flatten({ background: '#ffffff' }).jpeg({ quality: quality.jpeg, progressive: true })
}
