import type { FunctionConfig } from 'pressroom'
import { openDatabase, type NewsDatabase } from './_news/database.ts'
import type { DueSource, NewsEnv } from './_news/env.ts'
import { oneAtATime, type InTurn } from './_news/fetching/in-turn.ts'
import { lanesOf, parcelsOf } from './_news/fetching/lanes.ts'
import { type Failure, ingestReport, tickReport } from './_news/ingest-report.ts'
import { reason } from './_news/problems.ts'
import { giveBack, refreshSource, type Refresh } from './_news/refresh.ts'
import { addSamples, retireSamples } from './_news/samples.ts'
import { applyConfiguredSources } from './_news/source-list.ts'
import { claimSource, dueSources, type Source } from './_news/sources.ts'
import { forgetOld } from './_news/stories/retention.ts'

export const config = {
  schedules: [{ cron: '*/5 * * * *', atStart: true }],
  queues: ['pressroom-ingest'],
  timeout: 120,
  // A document of 15 MiB takes 300 to be read; there is one of these at a time.
  memory: 512,
  // And seconds, on a machine that has other work.
  block: 60,
  // With batches of five, 160 sources at once in an instance: those that hang hold up nobody.
  concurrency: 32,
  maxInstances: 4,
  env: ['DB', 'CACHE', 'ASSETS', 'SOURCES', 'INGEST'],
} satisfies FunctionConfig

// By then later ticks have found the source due again.
const staleMs = 600_000
// A tick that is told so late is one that was missed: what it finds is due now.
const lateMs = 60_000

async function refresh(env: NewsEnv, db: NewsDatabase, source: Source, dueAt: number, inTurn: InTurn): Promise<Failure | undefined> {
  const check: Refresh = { dueAt, random: Math.random, inTurn }
  try {
    const words = await refreshSource(env, db, source, check)
    return words === undefined ? undefined : { title: source.title, words }
  } catch (error) {
    console.error(`ingest: ${source.url}: ${reason(error)}`)
    await giveBack(db, source, error, check)
    return { title: source.title, words: reason(error) }
  }
}

// A source that is sent twice is fetched once: whoever claims it first.
async function tick(env: NewsEnv, scheduledTime: number): Promise<void> {
  const db = openDatabase(env.DB)
  const startedAt = Date.now()
  const dueAt = scheduledTime > startedAt - lateMs ? scheduledTime : startedAt
  // Samples need no network: the first edition waits for neither a feed nor a queue.
  try {
    await addSamples(env, db)
  } catch (error) {
    console.error(`ingest: there are no samples: ${reason(error)}`)
  }
  const seen = new Set<string>()
  let sent = await sendDue(env, db, dueAt, seen)
  // The server of the list may hang: what is known to be due has not waited for it.
  try {
    if (await applyConfiguredSources(env, db)) sent += await sendDue(env, db, dueAt, seen)
  } catch (error) {
    console.error(`ingest: the list of sources stays as it is: ${reason(error)}`)
  }
  await retireSamples(env, db)
  try {
    await forgetOld(db, startedAt)
  } catch (error) {
    console.error(`ingest: what is too old is still there: ${reason(error)}`)
  }
  console.log(tickReport(sent, Date.now() - startedAt))
}

// Sends on what is due and was not seen before; samples need no queue. Answers how many were sent.
async function sendDue(env: NewsEnv, db: NewsDatabase, dueAt: number, seen: Set<string>): Promise<number> {
  const due = (await dueSources(db, Math.max(dueAt, Date.now()))).filter(({ id }) => !seen.has(id))
  for (const { id } of due) seen.add(id)
  const inTurn = oneAtATime()
  await Promise.all(due.filter(({ sample }) => sample).map(({ id }) => check(env, db, id, dueAt, inTurn)))
  const real = due.filter(({ sample }) => !sample)
  for (const parcel of parcelsOf(lanesOf(real, dueAt))) await env.INGEST.sendBatch(parcel.map((body) => ({ body })))
  return real.length
}

async function check(env: NewsEnv, db: NewsDatabase, id: string, dueAt: number, inTurn: InTurn): Promise<Failure | undefined> {
  const source = await claimSource(db, crypto.randomUUID(), dueAt, id)
  return source === undefined ? undefined : refresh(env, db, source, dueAt, inTurn)
}

// One batch is all that one invocation does; what waits for a server is sent on, one source at a time.
async function fetchSources(env: NewsEnv, due: readonly DueSource[]): Promise<void> {
  const db = openDatabase(env.DB)
  const startedAt = Date.now()
  const inTurn = oneAtATime()
  const fresh = due.filter(({ since }) => startedAt - since < staleMs)
  const outcomes = await Promise.all(fresh.map(async ({ source, since, next: [follower, ...next] = [] }) => {
    const failure = await check(env, db, source, since, inTurn)
    if (follower !== undefined) await env.INGEST.sendBatch([{ body: { source: follower, since, ...(next.length > 0 ? { next } : {}) } }])
    return failure
  }))
  const failures = outcomes.filter((failure) => failure !== undefined)
  console[failures.length > 0 ? 'warn' : 'log'](ingestReport(due.length, failures, Date.now() - startedAt))
}

export default {
  async scheduled(controller, env) {
    await tick(env, controller.scheduledTime)
  },
  async queue(batch, env) {
    await fetchSources(env, batch.messages.map(({ body }) => body))
  },
} satisfies ExportedHandler<NewsEnv, DueSource>
