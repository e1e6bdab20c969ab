import sharp, { type ResizeOptions, type Sharp } from 'sharp'
import { box, MOST_PIXELS, PLACEHOLDER_WIDTH, quality, type Filter, type Format, type Preset } from './presets.ts'
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
  if (/channel limit/i.test(text)) return tooManyChannels()
  return new Unusable('damaged', `the image cannot be read: ${text.split('\n')[0]?.slice(0, 200)}`)
}

function tooLarge(found: string): Unusable {
  return new Unusable('too_many_pixels', `${found} more than ${MOST_PIXELS} pixels; make it smaller`)
}

function tooManyChannels(): Unusable {
  return new Unusable('not_an_image', 'the image has more channels than colours and transparency')
}

const input = { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 } as const

/** Makes variants with libvips, in this process. */
export const sharpStudio: Studio = {
  async open(bytes, widest) {
    prepare()
    const head = await sharp(bytes, { ...input, limitInputPixels: false }).metadata().catch((error: unknown) => {
      throw damaged(error)
    })
    const { width, height, orientation = 1, channels } = head
    if (width * height > MOST_PIXELS) throw tooLarge(`the image has ${width} × ${height},`)
    if (channels > (head.space === 'cmyk' ? 5 : 4)) throw tooManyChannels()
    // A profile of inks or of grey does not fit the colours that come out.
    const keeps = head.hasProfile && (head.space === 'srgb' || head.space === 'rgb' || head.space === 'rgb16')
    const [upWidth, upHeight] = orientation >= 5 ? [height, width] : [width, height]
    return picture(bytes, { width: upWidth, height: upHeight }, keeps, widest)
  },
}

function picture(bytes: Uint8Array<ArrayBuffer>, size: Pick<Picture, 'width' | 'height'>, keeps: boolean, widest: Preset): Picture {
  // Without its profile an image is turned into sRGB.
  const profile = (image: Sharp) => (keeps ? image.keepIccProfile() : image)
  // Uncompressed: what it is read from again is little more than a copy, and it has a place for the profile, unlike bare pixels.
  const pixels = async (image: Sharp) => profile(image).toColourspace('srgb').tiff({ compression: 'none' }).toBuffer()
  // The original is decoded once: each variant is made of what is already as small as the widest one, turned upright.
  const shrunk = kept(() =>
    pixels(sharp(bytes, input).autoOrient().resize(into(widest))).catch((error: unknown) => {
      throw damaged(error)
    }),
  )
  // And each is made once for all formats. Of these the last alone is held: they come one after the other.
  let last: { preset: Preset; pixels: () => Promise<Uint8Array> } | undefined
  const pixelsOf = (preset: Preset) => {
    if (last?.preset !== preset) last = { preset, pixels: kept(async () => pixels(filtered(sharp(await shrunk(), input).resize(into(preset)), preset.filter))) }
    return last.pixels()
  }
  return {
    ...size,
    async make(preset, format) {
      const image = sharp(await pixelsOf(preset), input)
      const { data, info } = await encoded(profile(image), format).toBuffer({ resolveWithObject: true })
      return { bytes: data, width: info.width, height: info.height }
    },
    async placeholder() {
      const tiny = await sharp(await shrunk(), input).resize(into({ width: PLACEHOLDER_WIDTH })).webp({ quality: 40 }).toBuffer()
      return `data:image/webp;base64,${tiny.toString('base64')}`
    },
  }
}

/** Works once, however often it is asked. */
function kept<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
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
