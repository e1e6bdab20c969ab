/** Headers that are kept with an object and sent with it. */
export interface HttpMetadata {
  contentType?: string
  contentLanguage?: string
  contentDisposition?: string
  contentEncoding?: string
  cacheControl?: string
  /** Milliseconds since 1970. */
  cacheExpiry?: number
}

/** Names of checksums as R2 has them; values are hexadecimal. */
export const checksumNames = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const

/** Checksums of an object. */
export type Checksums = Partial<Record<(typeof checksumNames)[number], string>>

/** What is kept with an object by who put it. */
export interface ObjectMetadata {
  httpMetadata: HttpMetadata
  customMetadata: Record<string, string>
}

/** An object without its content. */
export interface StoredObject extends ObjectMetadata {
  key: string
  version: string
  /** Bytes. */
  size: number
  /** MD5 of the content, or for one made of parts that of their MD5s with their number behind it. */
  etag: string
  /** Milliseconds since 1970. */
  uploaded: number
  checksums: Checksums
}

/** When something is to be done; all that is named must hold. */
export interface Conditions {
  /** Any of these; `*`: any object at all. */
  etagMatches?: readonly string[]
  /** None of these. */
  etagDoesNotMatch?: readonly string[]
  /** Milliseconds since 1970, as `uploadedAfter`. */
  uploadedBefore?: number
  uploadedAfter?: number
  /** Times are compared by the second. */
  secondsGranularity?: boolean
}

/** Content on its way into a bucket, not yet an object. */
export interface Draft {
  write(bytes: Uint8Array): Promise<void>
  /** Forgets what was written. */
  abort(): Promise<void>
}

/** An object that is being read; what takes its place meanwhile changes nothing. */
export interface OpenObject {
  object: StoredObject
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** A part of an object that is put in parts. */
export interface PartTag {
  partNumber: number
  etag: string
}

/** Which objects are listed. */
export interface ListQuery {
  prefix: string
  /** Keys that have it after the prefix are told once, up to and with it. */
  delimiter: string | undefined
  /** Only keys behind this one. */
  after: string | undefined
  limit: number
}

/** A page of a listing, in the order of the keys' bytes. */
export interface Listing {
  objects: StoredObject[]
  delimitedPrefixes: string[]
  /** Where the next page begins; undefined when there is none. */
  next: string | undefined
}

/** What was done to an object. */
export type ObjectAction = 'PutObject' | 'CompleteMultipartUpload' | 'DeleteObject'

/**
 * Buckets of objects. What changes is durable when its promise resolves, whole or not there at all, and the notifications of a change
 * are kept in the same step.
 */
export interface Buckets {
  head(bucket: string, key: string): Promise<StoredObject | null>
  open(bucket: string, key: string): Promise<OpenObject | null>
  draft(bucket: string, checksums: readonly (keyof Checksums)[]): Promise<Draft>
  /**
   * Makes the object from a draft; null when the conditions do not hold: then the draft is gone and the object as it was.
   * @throws PressroomError `bad_request` when a checksum is another
   */
  put(bucket: string, key: string, draft: Draft, about: ObjectMetadata & { checksums?: Checksums; onlyIf?: Conditions }): Promise<StoredObject | null>
  /** Answers which of them were there. */
  delete(bucket: string, keys: readonly string[]): Promise<string[]>
  list(bucket: string, query: ListQuery): Promise<Listing>
  /** Answers the id of the upload. */
  createUpload(bucket: string, key: string, about: ObjectMetadata): Promise<string>
  /** @throws PressroomError `not_found` when there is no such upload */
  putPart(bucket: string, key: string, upload: string, partNumber: number, draft: Draft): Promise<PartTag>
  /** @throws PressroomError `not_found` for the upload, `bad_request` for a part that is not there, or, but for the last, too small or not as large as the others */
  completeUpload(bucket: string, key: string, upload: string, parts: readonly PartTag[]): Promise<StoredObject>
  /** Ends an upload; one that is over, or never was, is no error. */
  abortUpload(bucket: string, key: string, upload: string): Promise<void>
  /** Every bucket that has objects, with their number and bytes. */
  sums(): Promise<{ bucket: string; objects: number; bytes: number }[]>
}

/** Smallest part but the last: 5 MiB, as on R2. */
export const LEAST_PART_BYTES = 5 * 1024 * 1024

/** True when all conditions hold for what is there now; as R2 reads them, `uploadedBefore` and `etagMatches` hold for no object that is not there. */
export function meets(conditions: Conditions, object: Pick<StoredObject, 'etag' | 'uploaded'> | null): boolean {
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity = false } = conditions
  const seconds = (ms: number) => (secondsGranularity ? Math.floor(ms / 1000) : ms)
  const named = (etags: readonly string[]) => object !== null && (etags.includes('*') || etags.includes(object.etag))
  // As RFC 9110 §13.2.2 has it, a condition on the etag outweighs that on the time.
  const before = uploadedBefore === undefined || (object !== null && seconds(object.uploaded) < seconds(uploadedBefore))
  const after = uploadedAfter === undefined || object === null || seconds(object.uploaded) > seconds(uploadedAfter)
  const matches = etagMatches === undefined ? before : named(etagMatches)
  const differs = etagDoesNotMatch === undefined ? after : !named(etagDoesNotMatch)
  return matches && differs
}

/** Cloudflare's notification of a change of an object. */
export interface ObjectNotification {
  account: string
  bucket: string
  action: ObjectAction
  object: { key: string; size?: number; eTag?: string }
  /** ISO 8601. */
  eventTime: string
}
