/** A text of a feed, with what its place in the document says about it. */
export interface RawText {
  value: string
  /** True where the document declares it as text without markup. */
  plain: boolean
  /** What its relative addresses are relative to: absolute; absent where the document does not say. */
  base?: string | undefined
  language?: string | undefined
}

/** A file that comes with an item. */
export interface RawEnclosure {
  url: string
  type?: string | undefined
  length?: string | undefined
}

/** An item as a feed gives it: markup and all. */
export interface RawItem {
  guid?: string | undefined
  link?: string | undefined
  /** What the link and the image are relative to. */
  base?: string | undefined
  title?: RawText | undefined
  /** The short text. */
  summary?: RawText | undefined
  /** The long text. */
  content?: RawText | undefined
  author?: string | undefined
  published?: string | undefined
  updated?: string | undefined
  image?: string | undefined
  language?: string | undefined
  topics: string[]
  enclosures: RawEnclosure[]
}

/** A feed as it gives itself. */
export interface RawFeed {
  id?: string | undefined
  title?: RawText | undefined
  home?: string | undefined
  base?: string | undefined
  description?: RawText | undefined
  /** Who may copy it. */
  rights?: RawText | undefined
  language?: string | undefined
  author?: string | undefined
  updated?: string | undefined
  topics: string[]
  items: RawItem[]
}

/** Of a document, the newest first as feeds have them; what is beyond is left out. */
export const maxItems = 500

/** A text that may hold markup, as RSS and JSON Feed give it; undefined where nothing is in it. */
export function markup(value: string | undefined): RawText | undefined {
  return value === undefined || value.trim() === '' ? undefined : { value, plain: false }
}
