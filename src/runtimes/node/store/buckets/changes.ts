import type { DatabaseSync } from 'node:sqlite'
import { meets, type Conditions, type StoredObject } from '../../../../ports/buckets.ts'

/** Where a piece of an object's content lies: file and bytes. */
export type Piece = readonly [file: string, bytes: number]

/** A notification that is kept with the change it tells of. */
export interface KeptNotice {
  queue: string
  id: string
  body: Uint8Array
}

/** An object as a row; the texts are JSON. */
export interface ObjectRow {
  bucket: string
  key: Uint8Array
  version: string
  size: number
  etag: string
  uploaded: number
  pieces: string
  http: string
  custom: string
  checksums: string
}

/** A change of buckets: reads and writes that are one step. */
export type BucketChange =
  | { do: 'put'; row: ObjectRow; onlyIf: Conditions | undefined; upload: string | undefined; notices: readonly KeptNotice[]; now: number }
  | { do: 'delete'; bucket: string; objects: readonly { key: Uint8Array; notices: readonly KeptNotice[] }[]; now: number }
  | { do: 'part'; upload: string; number: number; etag: string; piece: Piece }
  | { do: 'abort'; upload: string }

/** What changes answer: pieces that are needed no more. */
export interface BucketChangeAnswers {
  /** null: the conditions did not hold; `gone`: the upload it ends is not there. */
  put: { freed: string[] } | null | 'gone'
  /** `deleted`: indexes of those that were there. */
  delete: { freed: string[]; deleted: number[] }
  part: { freed: string[] } | 'gone'
  abort: { freed: string[] } | 'gone'
}

/** Makes what changes buckets inside the transaction of its caller; a change that throws has to be rolled back by that one. */
export function createBucketChanges(database: DatabaseSync): (change: BucketChange) => unknown {
  const find = database.prepare('SELECT etag, uploaded, pieces FROM objects WHERE bucket = ? AND key = ?')
  const insert = database.prepare(
    'INSERT OR REPLACE INTO objects (bucket, key, version, size, etag, uploaded, pieces, http, custom, checksums) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?')
  const uploadIsThere = database.prepare('SELECT 1 FROM uploads WHERE id = ?')
  const partsOf = database.prepare('SELECT file FROM upload_parts WHERE upload = ?')
  const partOf = database.prepare('SELECT file FROM upload_parts WHERE upload = ? AND number = ?')
  const insertPart = database.prepare('INSERT OR REPLACE INTO upload_parts (upload, number, etag, size, file) VALUES (?, ?, ?, ?, ?)')
  const endParts = database.prepare('DELETE FROM upload_parts WHERE upload = ?')
  const endUpload = database.prepare('DELETE FROM uploads WHERE id = ?')
  const notify = database.prepare(
    "INSERT INTO messages (queue, id, sent_at, due_at, attempts, content_type, body, trace) VALUES (?, ?, ?, ?, 0, 'json', ?, NULL) ON CONFLICT DO NOTHING",
  )
  const files = (pieces: unknown) => (JSON.parse(String(pieces)) as Piece[]).map(([file]) => file)
  const tell = (notices: readonly KeptNotice[], now: number) => {
    for (const { queue, id, body } of notices) notify.run(queue, id, Math.round(now), Math.round(now), body)
  }
  const end = (upload: string): string[] => {
    const freed = partsOf.all(upload).map(({ file }) => String(file))
    endParts.run(upload)
    endUpload.run(upload)
    return freed
  }

  const put = ({ row, onlyIf, upload, notices, now }: Extract<BucketChange, { do: 'put' }>): BucketChangeAnswers['put'] => {
    const { bucket, key, version, size, etag, uploaded, pieces, http, custom, checksums } = row
    const before = find.get(bucket, key) as unknown as (Pick<StoredObject, 'etag' | 'uploaded'> & { pieces: string }) | undefined
    if (onlyIf && !meets(onlyIf, before ?? null)) return null
    const freed = before ? files(before.pieces) : []
    if (upload !== undefined) {
      if (!uploadIsThere.get(upload)) return 'gone'
      const used = new Set(files(pieces))
      freed.push(...end(upload).filter((file) => !used.has(file)))
    }
    insert.run(bucket, key, version, size, etag, Math.round(uploaded), pieces, http, custom, checksums)
    tell(notices, now)
    return { freed }
  }

  return (change) => {
    switch (change.do) {
      case 'put':
        return put(change)
      case 'delete': {
        const freed: string[] = []
        const deleted: number[] = []
        for (const [index, { key, notices }] of change.objects.entries()) {
          const before = find.get(change.bucket, key)
          if (!before) continue
          freed.push(...files(before['pieces']))
          deleted.push(index)
          remove.run(change.bucket, key)
          tell(notices, change.now)
        }
        return { freed, deleted }
      }
      case 'part': {
        const { upload, number, etag, piece: [file, bytes] } = change
        if (!uploadIsThere.get(upload)) return 'gone'
        const before = partOf.get(upload, number)
        insertPart.run(upload, number, etag, bytes, file)
        return { freed: before ? [String(before['file'])] : [] }
      }
      case 'abort':
        return uploadIsThere.get(change.upload) ? { freed: end(change.upload) } : 'gone'
    }
  }
}
