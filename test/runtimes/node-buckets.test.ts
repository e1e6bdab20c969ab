import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { R2Bucket } from '@cloudflare/workers-types'
import { Bucket } from '../../src/runtimes/node/bindings/r2/bucket.ts'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { createBucketAnswerer } from '../../src/runtimes/node/store/buckets/answer.ts'
import { openNodeBuckets } from '../../src/runtimes/node/store/buckets/buckets.ts'
import { openDatabase } from '../../src/runtimes/node/store/database.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import type { Buckets } from '../../src/ports/buckets.ts'
import { r2Rules } from '../suites/r2.suite.ts'

/** The binding over these buckets: what it says goes as JSON and bytes, as over the wire. */
function bindingTo(buckets: Buckets): R2Bucket {
  const answer = createBucketAnswerer(buckets)
  const plain = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T))
  return new Bucket(async (operation, args, body) => {
    const told = await answer({ type: 'bucket', bucket: 'test' }, { b: 'B', o: operation, a: plain(args) }, Buffer.from(body ?? new Uint8Array()), {} as never)
    return { value: plain(told.value), body: Uint8Array.from(told.body ?? []) }
  }) as unknown as R2Bucket
}

describe('a bucket on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'buckets-'))
  let bucket: R2Bucket
  let close: () => Promise<void>
  before(async () => {
    const database = await openDatabase(join(folder, 'host.db'), hostSchema)
    close = () => database.close()
    bucket = bindingTo(await openNodeBuckets({ database, folder: join(folder, 'buckets'), clock: nodeClock, listeners: () => [], notified() {} }))
  })
  after(async () => {
    await close()
    rmSync(folder, { recursive: true })
  })
  for (const [rule, holds] of Object.entries(r2Rules)) it(rule, () => holds(bucket))
})
