/** A source that is due. */
export interface DueSource {
  /** Its id. */
  source: string
  /** When the tick that found it was due, milliseconds since 1970. */
  since: number
  /** Ids of further sources of the same server, to be asked one after another when this one is done. */
  next?: string[]
}

/** The variables and bindings of the news functions. */
export interface NewsEnv {
  DB: D1Database
  CACHE: KVNamespace
  ASSETS: Fetcher
  /** Images: originals, variants and what is known of them. */
  PICTURES?: R2Bucket
  /** Sources that are due, each a message: its consumer is `ingest`. */
  INGEST: Queue<DueSource>
  /** An OPML file: `asset:/…` or a URL. */
  SOURCES?: string
  /** Signs cookies and tokens; where unset, one is made and kept in `DB`. */
  READER_SECRET?: string
  /** Origins of apps served elsewhere, separated by spaces or commas. */
  CORS_ORIGINS?: string
  /** Readers who may change the sources, separated by spaces or commas; empty means none. */
  SOURCES_EDITORS?: string
}

/** Splits a variable that holds several words, separated by spaces or commas. */
export function words(variable: string | undefined): string[] {
  return (variable ?? '').split(/[\s,]+/).filter((word) => word !== '')
}
