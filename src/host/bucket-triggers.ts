import type { ObjectAction } from '../ports/buckets.ts'
import { withTriggers } from './deploy/triggers.ts'
import type { Serving } from './serving.ts'

/** The queue through which a function hears of a bucket. */
export function bucketQueue(bucket: string, name: string): string {
  return `r2-${bucket}-${name}`
}

/** Which functions hear of a change of an object: the queues through which they do. */
export function createListeners(serving: ReadonlyMap<string, Serving>): (bucket: string, key: string, action: ObjectAction) => string[] {
  return (bucket, key, action) => {
    const event = action === 'DeleteObject' ? 'delete' : 'create'
    return [...serving.values()].flatMap((at) =>
      (withTriggers(at)?.config.buckets ?? []).some((one) => one.bucket === bucket && one.events.includes(event) && key.startsWith(one.prefix) && key.endsWith(one.suffix))
        ? [bucketQueue(bucket, at.name)]
        : [],
    )
  }
}
