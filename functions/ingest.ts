import type { FunctionConfig } from 'pressroom'
import { openDatabase, type NewsDatabase } from './_news/database.ts'
import type { DueSource, NewsEnv } from './_news/env.ts'
import { type Failure, ingestReport, tickReport } from './_news/ingest-report.ts'
import { reason } from './_news/problems.ts'
import { refreshSource } from './_news/refresh.ts'
import { addSamples, retireSamples } from './_news/samples.ts'
import { applyConfiguredSources } from './_news/source-list.ts'
import { claimSources, dueSources, settleFailure, type Source } from './_news/sources.ts'
import { forgetOld } from './_news/stories/retention.ts'

export const config = {
  schedules: [{ cron: '*/5 * * * *', atStart: true }],
  queues: ['pressroom-ingest'],
  timeout: 120,
  memory: 256,
  // With batches of five, twenty sources at once in an instance.
  concurrency: 4,
  maxInstances: 4,
  env: ['DB', 'CACHE', 'ASSETS', 'SOURCES', 'INGEST'],
} satisfies FunctionConfig

// As many messages as one call of a queue takes.
const sendAtOnce = 100
// By then later ticks have found the source due again.
const staleMs = 600_000

// A source that is sent twice is fetched once: whoever claims it first.
async function sendDue(env: NewsEnv, due: readonly string[], since: number): Promise<void> {
  for (let at = 0; at < due.length; at += sendAtOnce) {
    await env.INGEST.sendBatch(due.slice(at, at + sendAtOnce).map((source) => ({ body: { source, since } })))
  }
}

async function refresh(env: NewsEnv, db: NewsDatabase, source: Source): Promise<Failure | undefined> {
  try {
    const words = await refreshSource(env, db, source)
    return words === undefined ? undefined : { title: source.title, words }
  } catch (error) {
    console.error(`ingest: ${source.url}: ${reason(error)}`)
    await settleFailure(db, source, reason(error))
    return { title: source.title, words: reason(error) }
  }
}

async function tick(env: NewsEnv): Promise<void> {
  const db = openDatabase(env.DB)
  const startedAt = Date.now()
  // Samples need no network: the first edition waits for neither a feed nor a queue.
  try {
    await addSamples(env, db)
  } catch (error) {
    console.error(`ingest: there are no samples: ${reason(error)}`)
  }
  try {
    await applyConfiguredSources(env, db)
  } catch (error) {
    console.error(`ingest: the list of sources stays as it is: ${reason(error)}`)
  }
  const due = await dueSources(db, startedAt)
  const samples = due.filter(({ sample }) => sample).map(({ id }) => id)
  if (samples.length > 0) await Promise.all((await claimSources(db, crypto.randomUUID(), startedAt, samples)).map((source) => refresh(env, db, source)))
  const real = due.filter(({ sample }) => !sample).map(({ id }) => id)
  await sendDue(env, real, startedAt)
  await retireSamples(env, db)
  try {
    await forgetOld(db, startedAt)
  } catch (error) {
    console.error(`ingest: what is too old is still there: ${reason(error)}`)
  }
  console.log(tickReport(real.length, Date.now() - startedAt))
}

// No host is asked for more than two of its feeds at a time by one invocation.
const perHost = 2

function byHost(sources: readonly Source[]): Source[][] {
  const hosts = Map.groupBy(sources, ({ address, url }) => URL.parse(address ?? url)?.host ?? url)
  return [...hosts.values()].flatMap((own) => Array.from({ length: perHost }, (_, i) => own.filter((_one, at) => at % perHost === i)))
}

async function refreshAll(env: NewsEnv, db: NewsDatabase, sources: readonly Source[]): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const source of sources) {
    const failure = await refresh(env, db, source)
    if (failure !== undefined) failures.push(failure)
  }
  return failures
}

// One batch is all that one invocation does.
async function fetchSources(env: NewsEnv, due: readonly DueSource[]): Promise<void> {
  const db = openDatabase(env.DB)
  const startedAt = Date.now()
  const lease = crypto.randomUUID()
  const fresh = due.filter(({ since }) => startedAt - since < staleMs)
  const claims = Map.groupBy(fresh, ({ since }) => since)
  const claimed = await Promise.all([...claims].map(([since, sources]) => claimSources(db, lease, since, sources.map(({ source }) => source))))
  const failures = (await Promise.all(byHost(claimed.flat()).map((sources) => refreshAll(env, db, sources)))).flat()
  console[failures.length > 0 ? 'warn' : 'log'](ingestReport(due.length, failures, Date.now() - startedAt))
}

export default {
  async scheduled(_controller, env) {
    await tick(env)
  },
  async queue(batch, env) {
    await fetchSources(env, batch.messages.map(({ body }) => body))
  },
} satisfies ExportedHandler<NewsEnv, DueSource>
