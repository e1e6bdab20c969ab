/** How a queue's messages reach their consumer: Cloudflare's settings, with its defaults. */
export interface ConsumerSettings {
  /** Most messages of one batch; default 10. */
  maxBatchSize: number
  /** How long the first message of a batch waits for others; default 5 s. */
  maxBatchTimeoutMs: number
  /** Further deliveries after the first failed; default 3. */
  maxRetries: number
  /** Before a message comes again, unless the function says otherwise; default 0. */
  retryDelayMs: number
  /** Queue that a message goes to which was delivered often enough; default: the store's dead letters. */
  deadLetterQueue?: string
  /** Most batches at once; default: what the function's `concurrency` and `maxInstances` have room for. */
  maxConcurrency?: number
}

/** What a queue without settings of its own gets. */
export const consumerDefaults: ConsumerSettings = { maxBatchSize: 10, maxBatchTimeoutMs: 5_000, maxRetries: 3, retryDelayMs: 0 }

/** Messages that one queue may hold when nobody says otherwise. */
export const DEFAULT_QUEUE_DEPTH = 100_000
