import { trace } from '@opentelemetry/api'
import type { FunctionConfig } from 'pressroom'
import { develop, giveUp } from './_images/develop.ts'
import { sharpStudio } from './_images/sharp-studio.ts'
import type { ImagesEnv } from './_images/shelf.ts'

export const config = {
  buckets: [{ bucket: 'pressroom-pictures', events: ['create'], prefix: 'originals/' }],
  native: true,
  memory: 1024,
  timeout: 120,
  // Decoding is done outside of JavaScript, and each image may need most of the memory.
  concurrency: 1,
  maxInstances: 2,
  block: 120,
  env: ['PICTURES'],
  outbound: 'none',
} satisfies FunctionConfig

/** What a bucket tells of a new object. */
interface Uploaded {
  object: { key: string }
}

export default {
  async queue(batch, env) {
    const bucket = env.PICTURES
    if (bucket === undefined) throw new Error('images: env.PICTURES: expected a bucket; name it in [[r2_buckets]] of wrangler.toml')
    const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null
    for (const message of batch.messages) {
      const id = message.body.object.key.replace(/^originals\//, '')
      // Whatever ended its instance three times will do so again.
      if (message.attempts > 3) {
        await giveUp(bucket, id)
        message.ack()
        continue
      }
      const work = { elapsed: () => performance.now(), memoryMib: config.memory, traceId }
      const shown = await develop(bucket, sharpStudio, id, work)
      console.log(`images: ${id}: ${shown === null ? 'gone' : shown.status}${shown?.error ? ` (${shown.error.code})` : ''}, ${shown?.bill?.run_ms ?? 0} ms`)
      message.ack()
    }
  },
} satisfies ExportedHandler<ImagesEnv, Uploaded>
