/** Formats that variants are made in, the most wanted first. */
export const formats = ['avif', 'webp', 'jpeg'] as const

/** A format that variants are made in. */
export type Format = (typeof formats)[number]

/** What is done to the pixels: `crisp` sharpens what was made much smaller, `plain` leaves them, `grey` takes the colour out. */
export type Filter = 'plain' | 'crisp' | 'grey'

/** A kind of variant. */
export interface Preset {
  name: string
  /** Pixels; a narrower original keeps its width. The height is at most twice that. */
  width: number
  filter: Filter
}

/** Every kind of variant, the widest first. */
export const presets: readonly Preset[] = [
  { name: '2560', width: 2560, filter: 'plain' },
  { name: '1280', width: 1280, filter: 'plain' },
  { name: '640', width: 640, filter: 'crisp' },
  { name: 'grey', width: 640, filter: 'grey' },
  { name: '320', width: 320, filter: 'crisp' },
]

/** Those that images of elsewhere are made in: pages show them small, and somebody waits. */
export const smallPresets: readonly Preset[] = presets.filter(({ width }) => width <= 640)

/** The most that a variant may measure, in pixels; a smaller original is not made larger. */
export function box({ width }: Pick<Preset, 'width'>): { width: number; height: number } {
  return { width, height: width * 2 }
}

/** Quality of each format, 1–100, chosen to look alike. */
export const quality: Record<Format, number> = { avif: 50, webp: 75, jpeg: 80 }

/** Pixels that an original may have. */
export const MOST_PIXELS = 50_000_000

/** Bytes that an original may have. */
export const MOST_BYTES = 20 * 2 ** 20

/** Width of the placeholder, in pixels. */
export const PLACEHOLDER_WIDTH = 16
