import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readWranglerConfig } from '../../src/runtimes/node/wrangler-config.ts'

function read(t: TestContext, toml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'queue-config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'wrangler.toml'), toml)
  return readWranglerConfig({ path: join(folder, 'wrangler.toml'), environment: {}, dataDir: folder })
}

test('producers are bindings; a queue may have many', (t) => {
  const { bindings, unsupported } = read(t, `
    [[queues.producers]]
    binding = "QUEUE"
    queue = "mail"
    [[queues.producers]]
    binding = "LATER"
    queue = "mail"
    delivery_delay = 60
  `)
  assert.deepEqual(bindings, { QUEUE: { type: 'queue', queue: 'mail' }, LATER: { type: 'queue', queue: 'mail', delaySeconds: 60 } })
  assert.deepEqual(unsupported, [])
})

test('consumers have the defaults of production, each to be changed', (t) => {
  const { queues } = read(t, `
    [[queues.consumers]]
    queue = "plain"
    [[queues.consumers]]
    queue = "own"
    max_batch_size = 100
    max_batch_timeout = 0.5
    max_retries = 0
    retry_delay = 43200
    dead_letter_queue = "plain"
    max_concurrency = 3
  `)
  assert.deepEqual(queues.consumers, {
    plain: { maxBatchSize: 10, maxBatchTimeoutMs: 5_000, maxRetries: 3, retryDelayMs: 0 },
    own: { maxBatchSize: 100, maxBatchTimeoutMs: 500, maxRetries: 0, retryDelayMs: 43_200_000, deadLetterQueue: 'plain', maxConcurrency: 3 },
  })
})

test('what is wrong is refused with file, field, expected and found', (t) => {
  const consumer = (line: string) => `[[queues.consumers]]\nqueue = "q"\n${line}`
  const cases: [string, RegExp][] = [
    [consumer('max_batch_size = 0'), /queues\.consumers\[0\]\.max_batch_size: expected a whole number of messages from 1 to 100, found 0/],
    [consumer('max_batch_size = 1.5'), /max_batch_size: expected a whole number/],
    [consumer('max_batch_timeout = 61'), /max_batch_timeout: expected a number of seconds from 0 to 60, found 61/],
    [consumer('max_retries = -1'), /max_retries: expected a whole number of retries from 0 to 100, found -1/],
    [consumer('retry_delay = 43201'), /retry_delay: expected a number of seconds from 0 to 43200/],
    [consumer('max_concurrency = 251'), /max_concurrency: expected a whole number of batches from 1 to 250/],
    [consumer('max_retrys = 5'), /queues\.consumers\[0\]\.max_retrys: expected one of .*max_retries.*, found max_retrys/],
    [consumer('dead_letter_queue = "q"'), /dead_letter_queue: expected another queue/],
    [consumer('dead_letter_queue = "Dead Letters"'), /dead_letter_queue: expected a name of/],
    [consumer('type = "http_pull"'), /type: expected "worker"/],
    [`${consumer('')}\n${consumer('')}`, /queues\.consumers\[1\]\.queue: expected each queue once, found "q" again/],
    ['[[queues.consumers]]\nmax_retries = 1', /queues\.consumers\[0\]\.queue: expected a text, found nothing/],
    ['[[queues.producers]]\nqueue = "q"', /queues\.producers\[0\]\.binding: expected a text/],
    ['[[queues.producers]]\nbinding = "Q"\nqueue = "async:ingest"', /queues\.producers\[0\]\.queue: expected a name of/],
    ['[[queues.producers]]\nbinding = "Q"\nqueue = "q"\ndelivery_delay = "1"', /delivery_delay: expected a number of seconds/],
    ['[vars]\nQ = 1\n[[queues.producers]]\nbinding = "Q"\nqueue = "q"', /queues\.producers\[0\]\.binding: expected a binding name used once/],
    ['[queues]\nproducers = 1', /queues\.producers: expected a list of tables, \[\[queues\.producers\]\]/],
    ['[queues]\nproducer = []', /queues\.producer: expected one of producers, consumers/],
  ]
  for (const [toml, message] of cases) assert.throws(() => read(t, toml), (error: Error & { code?: string }) => error.code === 'bad_config' && message.test(error.message), toml)
})
