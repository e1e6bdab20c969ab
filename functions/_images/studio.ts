import type { Format, Preset } from './presets.ts'

/** A variant's content. */
export interface Made {
  bytes: Uint8Array
  width: number
  height: number
}

/** An original that was understood. */
export interface Picture {
  /** Pixels, upright. */
  width: number
  height: number
  /** Rejects with `Unusable` where the content turns out to be damaged. */
  make(preset: Preset, format: Format): Promise<Made>
  /** A few pixels, as a `data:` URL. */
  placeholder(): Promise<string>
}

/** What makes variants: the port that each runtime has its own answer to. */
export interface Studio {
  /**
   * Reads the head of an original.
   * @param widest the preset with the largest box of those that will be asked for
   * @throws Unusable for one that no variant can or may be made of
   */
  open(bytes: Uint8Array<ArrayBuffer>, widest: Preset): Promise<Picture>
}

/** Why no variants can be made of an original; trying again changes nothing. */
export class Unusable extends Error {
  readonly code: 'too_many_pixels' | 'damaged' | 'not_an_image' | 'unreachable' | 'failed'
  constructor(code: Unusable['code'], message: string) {
    super(message)
    this.name = 'Unusable'
    this.code = code
  }
}
