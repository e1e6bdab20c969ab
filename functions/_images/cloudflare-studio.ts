import { box, MOST_PIXELS, PLACEHOLDER_WIDTH, quality, type Filter } from './presets.ts'
import { Unusable, type Studio } from './studio.ts'
import { toBase64Url } from '../_news/identity.ts'
import { reason } from '../_news/problems.ts'

const effects: Record<Filter, ImageTransform> = { plain: {}, crisp: { sharpen: 1 }, grey: { saturation: 0 } }

/** Numbers of the service's own errors: a kind of file that it does not read, and what it does not say the cause of. */
const UNSUPPORTED = 9520
const UNEXPECTED = 9523

function unreadable(error: unknown): string {
  return `the image cannot be read: ${reason(error).split('\n')[0]?.slice(0, 200)}`
}

/** What the service says of the image, and not of itself. */
function refusalOf(error: unknown): Unusable | undefined {
  const { code = UNEXPECTED } = error as Partial<ImagesError>
  if (/pixel limit/i.test(reason(error))) return new Unusable('too_many_pixels', `it has more than ${MOST_PIXELS} pixels; make it smaller`)
  if (code === UNEXPECTED) return undefined
  return new Unusable(code === UNSUPPORTED ? 'not_an_image' : 'damaged', unreadable(error))
}

/** Makes variants with Cloudflare's image binding, which reads and rotates what browsers can show. */
export function cloudflareStudio(images: ImagesBinding): Studio {
  return {
    async open(bytes) {
      const stream = () => new Blob([bytes]).stream()
      const info = await images.info(stream()).catch((error: unknown) => {
        throw refusalOf(error) ?? new Unusable('damaged', unreadable(error))
      })
      if (!('width' in info)) throw new Unusable('not_an_image', `${info.format} is not taken`)
      const { width, height } = info
      if (width * height > MOST_PIXELS) throw new Unusable('too_many_pixels', `the image has ${width} × ${height}, more than ${MOST_PIXELS} pixels; make it smaller`)
      const draw = async (transform: ImageTransform, output: ImageOutputOptions) => {
        const result = await images.input(stream()).transform({ fit: 'scale-down', ...transform }).output(output).catch((error: unknown) => {
          throw refusalOf(error) ?? error
        })
        return new Uint8Array(await result.response().arrayBuffer())
      }
      return {
        width,
        height,
        async make(preset, format) {
          const made = await draw(
            { ...box(preset), ...effects[preset.filter] },
            { format: `image/${format}`, quality: quality[format], anim: false, ...(format === 'jpeg' ? { background: '#ffffff' } : {}) },
          )
          const size = await images.info(new Blob([made]).stream())
          return { bytes: made, width: 'width' in size ? size.width : 0, height: 'height' in size ? size.height : 0 }
        },
        async placeholder() {
          const tiny = await draw({ width: PLACEHOLDER_WIDTH }, { format: 'image/webp', quality: 40, anim: false })
          return `data:image/webp;base64,${toBase64Url(tiny).replaceAll('-', '+').replaceAll('_', '/')}`
        },
      }
    },
  }
}
