/**
 * The same functions on both runtimes: one reader's edition of the samples from Pressroom on Node, from workerd with the bundle that
 * is deployed (Miniflare's bindings, straight to its socket), and from `wrangler dev`; all in one run, alternating. Then what a million
 * editions a day cost on each, by the CPU and time that the Node host's ledger measured.
 * `npm run bench:edge -- [--rounds 5] [--seconds 3] [--connections 8] [--json]`. Needs wrk (Debian's package).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { parse } from 'smol-toml'
import { makeInvoice } from '../src/metering/invoice.ts'
import { plans } from '../src/metering/plans.ts'
import { planNames } from '../src/metering/prices.ts'
import { startHost } from '../test/journeys/host-process.ts'
import { token } from '../test/suites/news-client.ts'
import { startWranglerDev } from '../test/suites/wrangler-dev.ts'
import { demandWrk, load, median, short, type Load } from './wrk.ts'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, connections: { type: 'string', default: '8' }, json: { type: 'boolean', default: false } },
})
const root = join(import.meta.dirname, '..')
const secret = 'a secret of this benchmark'
const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
demandWrk()

/** Editions a month when a million are read each day. */
const MONTH = 30_000_000n
const tell = (text: string) => {
  if (!flags.json) console.log(text)
}

/** One place where the functions run. */
interface Place {
  url: string
  stop(): Promise<unknown>
}

async function onNode(): Promise<Place & { billOf(): Promise<{ billed_ms: number; cpu_ms: number; invocations: number }> }> {
  const host = await startHost({ functions: join(root, 'functions'), cwd: root, env: { READER_SECRET: secret } })
  return {
    url: host.url,
    stop: host.stop,
    async billOf() {
      // The last records: warm ones, under load.
      const { invocations } = await host.admin<{ invocations: { billed_ms: number; cpu_ms: number }[] }>('/invocations?function=edition&outcome=ok&limit=1000')
      const sum = (of: 'billed_ms' | 'cpu_ms') => invocations.reduce((total, one) => total + one[of], 0)
      return { billed_ms: sum('billed_ms'), cpu_ms: sum('cpu_ms'), invocations: invocations.length }
    },
  }
}

/** workerd with the bundle that would be deployed, on the data that `wrangler dev` has made. */
async function onWorkerd(data: string): Promise<Place> {
  const out = mkdtempSync(join(tmpdir(), 'pressroom-bundle-'))
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', HOME: out }
  execFileSync(process.execPath, [join(root, 'node_modules/.bin/wrangler'), 'deploy', '--dry-run', '--outdir', out], { cwd: root, env, stdio: 'ignore' })
  const toml = parse(readFileSync(join(root, 'wrangler.toml'), 'utf8')) as {
    compatibility_date: string
    compatibility_flags: string[]
    vars: Record<string, string>
    d1_databases: { binding: string; database_id: string }[]
    kv_namespaces: { binding: string; id: string }[]
    queues: { producers: { binding: string; queue: string }[] }
    r2_buckets: { binding: string; bucket_name: string }[]
    assets: { directory: string; binding: string }
  }
  const miniflare = new Miniflare({ ...convertV4MiniflareOptions({
    name: 'main', modules: true, script: readFileSync(join(out, 'main.js'), 'utf8'), unsafeDirectSockets: [{ port: 0 }],
    compatibilityDate: toml.compatibility_date, compatibilityFlags: toml.compatibility_flags,
    bindings: { ...toml.vars, READER_SECRET: secret },
    d1Databases: Object.fromEntries(toml.d1_databases.map((one) => [one.binding, one.database_id])),
    kvNamespaces: Object.fromEntries(toml.kv_namespaces.map((one) => [one.binding, one.id])),
    queueProducers: Object.fromEntries(toml.queues.producers.map((one) => [one.binding, one.queue])),
    r2Buckets: Object.fromEntries(toml.r2_buckets.map((one) => [one.binding, one.bucket_name])),
    assets: { directory: join(root, toml.assets.directory), binding: toml.assets.binding, routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true } },
  }), resourcePersistencePath: join(data, 'v3') })
  await miniflare.ready
  return {
    url: (await miniflare.unsafeGetDirectURL('main')).origin,
    async stop() {
      await miniflare.dispose()
      rmSync(out, { recursive: true, force: true })
    },
  }
}

const data = mkdtempSync(join(tmpdir(), 'pressroom-edge-'))
const vars = { READER_SECRET: secret }
// Fills the data that workerd then starts on; two hosts on the same files would wait for each other.
const filled = await startWranglerDev(vars, data)
await filled.ingest()
await filled.stop()

const node = await onNode()
const dev = await startWranglerDev(vars)
await dev.ingest()
const places: Record<string, Place> = { node, workerd: await onWorkerd(data), 'wrangler dev': { url: dev.baseUrl, stop: dev.stop } }
const seen = new Map<string, Load[]>(Object.keys(places).map((name) => [name, []]))
try {
  const stories = await Promise.all(Object.values(places).map(async ({ url }) => {
    const { stories: told } = (await (await fetch(`${url}/edition`, { headers })).json()) as { stories: { title: string }[] }
    return told.map(({ title }) => title).join('\n')
  }))
  const same_edition = stories.every((titles) => titles !== '' && titles === stories[0])
  const rounds = Number(flags.rounds)
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { url }] of Object.entries(places)) {
      const one = await load(`${url}/edition`, Number(flags.connections), Number(flags.seconds), headers)
      // The first round warms up.
      if (round > 0) seen.get(name)!.push(one)
    }
    if (round > 0) tell(`round ${round}: ${[...seen].map(([name, loads]) => `${name} ${Math.round(loads.at(-1)!.rps)}/s`).join(', ')}`)
  }
  const bill = await node.billOf()
  const each = { billed_ms: short(bill.billed_ms / bill.invocations), cpu_ms: short(bill.cpu_ms / bill.invocations, 3) }
  const used = { requests: MONTH, mibMs: (MONTH * 128n * BigInt(Math.round(each.billed_ms * 1000))) / 1000n, cpuMicroseconds: (MONTH * BigInt(Math.round(each.cpu_ms * 1000))) }
  const result = {
    same_edition,
    places: Object.fromEntries([...seen].map(([name, loads]) => [name, {
      rps: Math.round(median(loads.map(({ rps }) => rps))),
      p50_ms: short(median(loads.map(({ p50 }) => p50)), 3),
      p99_ms: short(median(loads.map(({ p99 }) => p99)), 3),
    }])),
    node_against: Object.fromEntries(['workerd', 'wrangler dev'].map((name) => {
      const ratio = (key: keyof Load) => short(median(seen.get('node')!.map((ours, i) => ours[key] / seen.get(name)![i]![key])))
      return [name, { rps: ratio('rps'), p50: ratio('p50'), p99: ratio('p99') }]
    })),
    per_edition: each,
    million_a_day_usd_a_month: Object.fromEntries(planNames.map((name) => [name, short(Number(makeInvoice(plans[name], used).totalPico) / 1e12)])),
  }
  console.log(JSON.stringify(result, null, flags.json ? undefined : 2))
} finally {
  for (const { stop } of Object.values(places)) await stop()
  rmSync(data, { recursive: true, force: true })
}
