import { join } from 'node:path'
import type { Clock } from '../../ports/clock.ts'
import type { Buckets } from '../../ports/buckets.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { Store } from '../../ports/store.ts'
import { createNodeDeployments } from './store/deployments.ts'
import { createNodeLedger } from './ledger.ts'
import { openNodeBuckets, type NodeBucketOptions } from './store/buckets/buckets.ts'
import { openDatabase } from './store/database.ts'
import { createNodeFailures } from './store/failures.ts'
import { createNodeQueues } from './store/queues/queues.ts'
import { hostSchema } from './store/schema.ts'
import { openSecrets } from './secrets/secrets.ts'
import { createNodeTicks } from './ticks.ts'

/** Who is told of changes of buckets. */
export type BucketAbout = Pick<NodeBucketOptions, 'listeners' | 'notified'>

/** What a store on Node needs. */
export interface NodeStoreOptions {
  /** The folder of the host's own state; it exists. */
  folder: string
  clock: Clock
  /** Name of this host. */
  host: string
  log(level: 'warn' | 'error', message: string): void
}

/**
 * Opens what the host remembers: one SQLite file, `host.db`, in a thread of its own.
 * @throws PressroomError `bad_option` when the file cannot be used; it is left as it is
 */
export async function openNodeStore({ folder, clock, host, log }: NodeStoreOptions): Promise<Store & { openBuckets(about: BucketAbout): Promise<Buckets>; openSecrets(key: Buffer | undefined): Promise<Secrets> }> {
  const database = await openDatabase(join(folder, 'host.db'), hostSchema)
  const ledger = createNodeLedger({ database, clock, host, log })
  const failures = createNodeFailures({ database, clock, log })
  return {
    ticks: createNodeTicks(database),
    queues: createNodeQueues(database),
    ledger,
    failures,
    deployments: createNodeDeployments(database),
    openSecrets: (key) => openSecrets(database, key, clock),
    openBuckets: (about) => openNodeBuckets({ ...about, database, clock, folder: join(folder, 'buckets') }),
    async close() {
      await failures.close()
      await ledger.close()
      await database.close()
    },
  }
}
