/** An item as a feed gives it: markup and all. */
export interface RawItem {
  guid?: string | undefined
  link?: string | undefined
  title?: string | undefined
  html?: string | undefined
  date?: string | undefined
  image?: string | undefined
  topics: string[]
}

/** A feed as it gives itself. */
export interface RawFeed {
  title?: string | undefined
  home?: string | undefined
  items: RawItem[]
}
