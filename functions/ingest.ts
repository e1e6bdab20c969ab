import type { FunctionConfig } from 'pressroom'
import { openDatabase, type NewsDatabase } from './_news/database.ts'
import type { NewsEnv } from './_news/env.ts'
import { type Failure, ingestReport } from './_news/ingest-report.ts'
import { reason } from './_news/problems.ts'
import { refreshSource } from './_news/refresh.ts'
import { addSamples, retireSamples } from './_news/samples.ts'
import { applyConfiguredSources } from './_news/source-list.ts'
import { claimSources, settleFailure, type Source } from './_news/sources.ts'

export const config = {
  schedules: [{ cron: '*/5 * * * *', atStart: true }],
  timeout: 300,
  memory: 256,
  concurrency: 1,
  maxInstances: 1,
  env: ['DB', 'CACHE', 'ASSETS', 'SOURCES'],
} satisfies FunctionConfig

// As many connections as a Worker may wait for at once.
const lanes = 6
const claimAtOnce = 12
const stopBeforeMs = 280_000

// Every source once per tick: sources are claimed a few at a time, so that two hosts share the work and a crash loses little.
async function refreshDue(env: NewsEnv, db: NewsDatabase, startedAt: number): Promise<{ asked: number; failures: Failure[] }> {
  const lease = crypto.randomUUID()
  const queue: Source[] = []
  let claiming: Promise<void> | undefined
  let exhausted = false
  let asked = 0
  const failures: Failure[] = []
  const claim = async (): Promise<void> => {
    const claimed = await claimSources(db, lease, startedAt, claimAtOnce)
    exhausted = claimed.length === 0
    queue.push(...claimed)
  }
  const next = async (): Promise<Source | undefined> => {
    while (queue.length === 0 && !exhausted) {
      if (Date.now() - startedAt > stopBeforeMs) return undefined
      claiming ??= claim().finally(() => (claiming = undefined))
      await claiming
    }
    return queue.shift()
  }
  const work = async (): Promise<void> => {
    for (let source = await next(); source !== undefined; source = await next()) {
      asked++
      try {
        const words = await refreshSource(env, db, source)
        if (words !== undefined) failures.push({ title: source.title, words })
      } catch (error) {
        console.error(`ingest: ${source.url}: ${reason(error)}`)
        failures.push({ title: source.title, words: reason(error) })
        await settleFailure(db, source, reason(error))
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
  return { asked, failures }
}

async function ingest(env: NewsEnv): Promise<void> {
  const db = openDatabase(env.DB)
  const startedAt = Date.now()
  // Samples need no network: the first edition does not wait for the first feed.
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
  const { asked, failures } = await refreshDue(env, db, startedAt)
  await retireSamples(env, db)
  console[failures.length > 0 ? 'warn' : 'log'](ingestReport(asked, failures, Date.now() - startedAt))
}

export default {
  async scheduled(_controller, env) {
    await ingest(env)
  },
} satisfies ExportedHandler<NewsEnv>
