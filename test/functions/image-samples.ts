import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A photograph that has something to see: colours in a gradient, a bright square in its upper left corner. */
export async function photograph(width: number, height: number, red = 200): Promise<Buffer> {
  const raw = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = x < width / 4 && y < height / 4
      raw.set(corner ? [255, 255, 255] : [red, Math.round((x / width) * 200), Math.round((y / height) * 200)], (y * width + x) * 3)
    }
  }
  return sharp(raw, { raw: { width, height, channels: 3 } }).jpeg({ quality: 92 }).toBuffer()
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}

function header(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head)])
}

/** A PNG of a few kilobytes that claims so many pixels and really holds rows of them. */
export function bomb(width: number, height: number): Buffer {
  const rows = deflateSync(Buffer.alloc((width + 1) * Math.min(height, 200)))
  return Buffer.concat([header(width, height), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

/** A PNG of two frames: white, then black. */
export function animatedPng(): Buffer {
  const [width, height] = [40, 30]
  const number = (value: number) => Buffer.from([0, 0, 0, value])
  const rows = (value: number) => deflateSync(Buffer.concat(Array.from({ length: height }, () => Buffer.concat([Buffer.of(0), Buffer.alloc(width, value)]))))
  const frame = (index: number) => chunk('fcTL', Buffer.concat([number(index), number(width), number(height), number(0), number(0), Buffer.from([0, 1, 0, 10, 0, 0])]))
  return Buffer.concat([
    header(width, height), chunk('acTL', Buffer.concat([number(2), number(0)])), frame(0), chunk('IDAT', rows(255)), frame(1),
    chunk('fdAT', Buffer.concat([number(2), rows(0)])), chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A JPEG whose EXIF block is noise behind its first bytes. */
export function withExifRubbish(jpeg: Buffer): Buffer {
  const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7919) % 256))
  const body = Buffer.concat([Buffer.from('Exif\0\0II*\0', 'latin1'), noise])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length + 2)
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, body, jpeg.subarray(2)])
}

/** A TIFF of one pixel that has so many channels. */
export function channelsOf(count: number): Buffer {
  const [SHORT, LONG] = [3, 4]
  const tags = [[256, LONG, 1, 1], [257, LONG, 1, 1], [258, SHORT, 1, 8], [259, SHORT, 1, 1], [262, SHORT, 1, 1], [273, LONG, 1, 8], [277, SHORT, 1, count], [278, LONG, 1, 1], [279, LONG, 1, count]] as const
  const [pixel, start] = [Buffer.alloc(count + (count % 2), 99), Buffer.alloc(8)]
  start.write('II*\0', 'latin1')
  start.writeUInt32LE(8 + pixel.length, 4)
  const directory = Buffer.alloc(2 + tags.length * 12 + 4)
  directory.writeUInt16LE(tags.length)
  for (const [index, [tag, type, values, value]] of tags.entries()) {
    const at = 2 + index * 12
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(values, at + 4)
    directory.writeUInt32LE(value, at + 8)
  }
  return Buffer.concat([start, pixel, directory])
}

/** Several frames, red first. */
export async function animation(format: 'gif' | 'webp' = 'gif'): Promise<Buffer> {
  const frames = ['#ff0000', '#00ff00', '#0000ff'].map((background) => sharp({ create: { width: 60, height: 40, channels: 3, background } }).png().toBuffer())
  return sharp(await Promise.all(frames), { join: { animated: true } }).toFormat(format).toBuffer()
}

/** A drawing that holds a script. */
export const drawing = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
