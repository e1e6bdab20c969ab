import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { PressroomError } from '../../../../contract/errors.ts'
import {
  LEAST_PART_BYTES, type Buckets, type Checksums, type HttpMetadata, type Listing, type ObjectAction, type ObjectMetadata, type ObjectNotification,
  type OpenObject, type StoredObject,
} from '../../../../ports/buckets.ts'
import { checksumWords } from '../../bindings/r2/values.ts'
import type { Clock } from '../../../../ports/clock.ts'
import type { HostDatabase } from '../database.ts'
import type { KeptNotice, ObjectRow, Piece } from './changes.ts'
import { openBucketFiles, type FileDraft, type Written } from './files.ts'

const COLUMNS = 'bucket, key, version, size, etag, uploaded, pieces, http, custom, checksums'
/** Above every key that begins with a text. */
const ABOVE = Buffer.from([0xff])

/** What buckets on disk need. */
export interface NodeBucketOptions {
  database: HostDatabase
  /** For the content; made when missing. */
  folder: string
  clock: Pick<Clock, 'now'>
  /** Queues that are told of a change. */
  listeners(bucket: string, key: string, action: ObjectAction): string[]
  /** Called when notifications were kept. */
  notified(queues: readonly string[]): void
}

/** Buckets whose content lies in files and whose rows lie in the host's store: the row is what makes an object. */
export async function openNodeBuckets({ database, folder, clock, listeners, notified }: NodeBucketOptions): Promise<Buckets> {
  const files = await openBucketFiles(folder)
  const kept = await database.all<{ file: string }>(
    "SELECT json_extract(piece.value, '$[0]') AS file FROM objects, json_each(objects.pieces) AS piece UNION ALL SELECT file FROM upload_parts",
  )
  await files.sweep(new Set(kept.map(({ file }) => file)))
  const find = async (bucket: string, key: string): Promise<ObjectRow | undefined> =>
    (await database.all<ObjectRow & Record<string, never>>(`SELECT ${COLUMNS} FROM objects WHERE bucket = ? AND key = ?`, bucket, bytesOf(key)))[0]
  const noticesOf = (bucket: string, action: ObjectAction, object: ObjectNotification['object'], now: number): KeptNotice[] => {
    const told: ObjectNotification = { account: 'pressroom', bucket, action, object, eventTime: new Date(now).toISOString() }
    const body = Buffer.from(JSON.stringify(told))
    return listeners(bucket, object.key, action).map((queue) => ({ queue, id: randomUUID(), body: Uint8Array.from(body) }))
  }
  const tell = (notices: readonly KeptNotice[]) => {
    if (notices.length > 0) notified([...new Set(notices.map(({ queue }) => queue))])
  }
  const noUpload = () => new PressroomError('not_found', 'The specified multipart upload does not exist. (10024)')

  const keep = async (
    bucket: string, key: string, about: ObjectMetadata & Pick<StoredObject, 'size' | 'etag' | 'checksums'> & { pieces: Piece[] },
    { action, onlyIf, upload }: { action: ObjectAction; onlyIf?: Parameters<Buckets['put']>[3]['onlyIf']; upload?: string },
  ) => {
    const now = clock.now()
    const { size, etag, checksums, pieces, httpMetadata, customMetadata } = about
    const object: StoredObject = { key, version: randomBytes(16).toString('hex'), size, etag, uploaded: now, checksums, httpMetadata, customMetadata }
    const row: ObjectRow = {
      bucket, key: bytesOf(key), version: object.version, size, etag, uploaded: now,
      pieces: JSON.stringify(pieces), http: JSON.stringify(httpMetadata), custom: JSON.stringify(customMetadata), checksums: JSON.stringify(checksums),
    }
    const notices = noticesOf(bucket, action, { key, size, eTag: etag }, now)
    const done = await database.buckets({ do: 'put', row, onlyIf, upload, notices, now })
    if (done !== null && done !== 'gone') {
      void files.free(done.freed)
      tell(notices)
    }
    return { object, done }
  }

  return {
    async head(bucket, key) {
      const row = await find(bucket, key)
      return row ? toObject(row) : null
    },
    async open(bucket, key) {
      // What was found may be replaced, and its files gone, before they are opened: then there is another.
      for (let tries = 0; ; tries++) {
        const row = await find(bucket, key)
        if (!row) return null
        try {
          return await openPieces(toObject(row), JSON.parse(row.pieces) as Piece[], files.open)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries >= 5) throw error
        }
      }
    },
    draft: (_bucket, checksums) => files.draft(checksums),
    async put(bucket, key, draft, { checksums: expected = {}, onlyIf, httpMetadata, customMetadata }) {
      const written = await (draft as FileDraft).finish()
      try {
        assertChecksums(expected, written)
        const { file, size, checksums } = written
        const about = { httpMetadata, customMetadata, size, etag: checksums.md5, checksums: { md5: checksums.md5, ...expected }, pieces: [[file, size]] as Piece[] }
        const { object, done } = await keep(bucket, key, about, { action: 'PutObject', ...(onlyIf ? { onlyIf } : {}) })
        if (done !== null) return object
        await files.free([file])
        return null
      } catch (error) {
        await files.free([written.file])
        throw error
      }
    },
    async delete(bucket, keys) {
      const now = clock.now()
      const objects = keys.map((key) => ({ key: bytesOf(key), notices: noticesOf(bucket, 'DeleteObject', { key }, now) }))
      const { freed, deleted } = await database.buckets({ do: 'delete', bucket, objects, now })
      void files.free(freed)
      tell(deleted.flatMap((index) => objects[index]!.notices))
      return deleted.map((index) => keys[index]!)
    },
    list: (bucket, query) => list(database, bucket, query),
    async createUpload(bucket, key, { httpMetadata, customMetadata }) {
      const id = randomBytes(24).toString('base64url')
      await database.run(
        'INSERT INTO uploads (id, bucket, key, http, custom, begun) VALUES (?, ?, ?, ?, ?, ?)',
        id, bucket, bytesOf(key), JSON.stringify(httpMetadata), JSON.stringify(customMetadata), Math.round(clock.now()),
      )
      return id
    },
    async putPart(_bucket, _key, upload, partNumber, draft) {
      const { file, size, checksums } = await (draft as FileDraft).finish()
      const done = await database.buckets({ do: 'part', upload, number: partNumber, etag: checksums.md5, piece: [file, size] })
      if (done !== 'gone') {
        void files.free(done.freed)
        return { partNumber, etag: checksums.md5 }
      }
      await files.free([file])
      throw noUpload()
    },
    async completeUpload(bucket, key, upload, parts) {
      const [about] = await database.all<{ http: string; custom: string }>('SELECT http, custom FROM uploads WHERE id = ? AND bucket = ? AND key = ?', upload, bucket, bytesOf(key))
      if (!about) throw noUpload()
      const rows = await database.all<{ number: number; etag: string; size: number; file: string }>('SELECT number, etag, size, file FROM upload_parts WHERE upload = ?', upload)
      const named = parts.map(({ partNumber, etag }) => {
        const row = rows.find(({ number }) => number === partNumber)
        if (row?.etag !== etag) throw new PressroomError('bad_request', 'One or more of the specified parts could not be found. (10025)')
        return row
      })
      if (new Set(named).size < named.length) throw new PressroomError('bad_request', 'a part is named twice (10048)')
      if (named.slice(0, -1).some(({ size }) => size < LEAST_PART_BYTES)) {
        throw new PressroomError('bad_request', 'Your proposed upload is smaller than the minimum allowed object size. (10011)')
      }
      const ordered = named.toSorted((a, b) => a.number - b.number)
      // All are as large as the first; the last may be smaller.
      if (ordered.some(({ size }, index) => size > ordered[0]!.size || (size < ordered[0]!.size && index < ordered.length - 1))) {
        throw new PressroomError('bad_request', 'There was a problem with the multipart upload. (10048)')
      }
      const sums = Buffer.concat(ordered.map(({ etag }) => Buffer.from(etag, 'hex')))
      const { object, done } = await keep(bucket, key, {
        httpMetadata: JSON.parse(about.http) as HttpMetadata,
        customMetadata: JSON.parse(about.custom) as Record<string, string>,
        size: ordered.reduce((sum, { size }) => sum + size, 0),
        etag: `${createHash('md5').update(sums).digest('hex')}-${ordered.length}`,
        checksums: {},
        pieces: ordered.map(({ file, size }): Piece => [file, size]),
      }, { action: 'CompleteMultipartUpload', upload })
      if (done === 'gone') throw noUpload()
      return object
    },
    async abortUpload(_bucket, _key, upload) {
      const done = await database.buckets({ do: 'abort', upload })
      // What is over already needs no end.
      if (done !== 'gone') void files.free(done.freed)
    },
    sums: () => database.all('SELECT bucket, count(*) AS objects, sum(size) AS bytes FROM objects GROUP BY bucket ORDER BY bucket'),
  }
}

/** Walks the keys; behind one that falls to a delimited prefix it goes on after all of that prefix. */
async function list(database: HostDatabase, bucket: string, { prefix, delimiter, after, limit }: Parameters<Buckets['list']>[1]): Promise<Listing> {
  const objects: StoredObject[] = []
  const prefixes: string[] = []
  const end = Buffer.concat([bytesOf(prefix), ABOVE])
  let from: Uint8Array = after === undefined ? bytesOf(prefix) : bytesOf(after)
  let including = after === undefined
  let last: string | undefined
  for (;;) {
    const want = limit - objects.length - prefixes.length
    const rows = await database.all<ObjectRow & Record<string, never>>(
      `SELECT ${COLUMNS} FROM objects WHERE bucket = ? AND key ${including ? '>=' : '>'} ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`, bucket, from, bytesOf(prefix), end, want + 1,
    )
    let skipped = false
    for (const row of rows) {
      if (objects.length + prefixes.length === limit) return { objects, delimitedPrefixes: prefixes, next: last }
      const object = toObject(row)
      const cut = delimiter === undefined ? -1 : object.key.indexOf(delimiter, prefix.length)
      if (cut < 0) {
        objects.push(object)
        last = object.key
        from = bytesOf(object.key)
      } else {
        const group = object.key.slice(0, cut + delimiter!.length)
        prefixes.push(group)
        // No character of a key is above this one.
        last = `${group}\u{10ffff}`
        from = Buffer.concat([bytesOf(group), ABOVE])
        skipped = true
        break
      }
    }
    including = false
    if (!skipped && rows.length <= want) return { objects, delimitedPrefixes: prefixes, next: undefined }
  }
}

async function openPieces(object: StoredObject, pieces: readonly Piece[], open: (file: string) => Promise<FileHandle>): Promise<OpenObject> {
  const handles: FileHandle[] = []
  const close = async () => void (await Promise.allSettled(handles.map((handle) => handle.close())))
  try {
    for (const [file] of pieces) handles.push(await open(file))
  } catch (error) {
    await close()
    throw error
  }
  return {
    object,
    close,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, object.size - offset)))
      let at = 0
      let begins = 0
      for (const [index, [, size]] of pieces.entries()) {
        while (at < bytes.length && offset + at < begins + size) {
          const { bytesRead } = await handles[index]!.read(bytes, at, Math.min(bytes.length - at, begins + size - offset - at), offset + at - begins)
          if (bytesRead === 0) throw new PressroomError('storage_failed', `a file of ${object.key} is shorter than it was`)
          at += bytesRead
        }
        begins += size
      }
      return bytes
    },
  }
}

function assertChecksums(expected: Checksums, { checksums }: Written): void {
  for (const [name, hex] of Object.entries(expected)) {
    const found = checksums[name as keyof Checksums]
    if (found !== hex) {
      const word = checksumWords[name as keyof Checksums]
      throw new PressroomError('bad_request', `The ${word} checksum you specified did not match what we received.\nYou provided a ${word} checksum with value: ${hex}\nActual ${word} was: ${found ?? 'unknown'} (10037)`)
    }
  }
}

function toObject({ key, version, size, etag, uploaded, http, custom, checksums }: ObjectRow): StoredObject {
  return {
    key: Buffer.from(key).toString('utf8'), version, size, etag, uploaded,
    httpMetadata: JSON.parse(http) as HttpMetadata, customMetadata: JSON.parse(custom) as Record<string, string>, checksums: JSON.parse(checksums) as Checksums,
  }
}

function bytesOf(key: string): Buffer {
  return Buffer.from(key, 'utf8')
}
