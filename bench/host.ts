/**
 * Hello through Pressroom with everything on — ledger, log, every call traced and exported — against bare Hono, `workerd serve`,
 * functions-framework and the same host with metering and tracing off: all in one run, alternating, medians of the rounds'
 * ratios. Then a streamed MiB, cold starts against a plain fork, and what deployed functions cost that nobody calls.
 * `npm run bench:host -- [--rounds 5] [--seconds 3] [--only hello|stream|cold|many] [--json]`. Needs wrk (Debian's package).
 */
import { parseArgs } from 'node:util'
import { race, type RaceResult } from './alternate.ts'
import { coldStarts } from './cold-start.ts'
import { manyFunctions } from './many.ts'
import { demandWrk } from './wrk.ts'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, only: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
const wanted = (part: string) => flags.only === undefined || flags.only === part
const tell = (text: string) => {
  if (!flags.json) console.log(text)
}
demandWrk()

const all = ['pressroom', 'unmetered', 'bare-hono', 'workerd', 'functions-framework'] as const
const once = async (path: '/hello' | '/stream', connections: number): Promise<RaceResult> => {
  tell(`${path}, ${connections} connections`)
  const result = await race({ peers: all, path, connections, rounds, seconds, onRound: (round, rates) => tell(`  round ${round}: ${rates}`) })
  for (const [name, { rps, p50, p99 }] of Object.entries(result.ratio_to)) {
    tell(`  ${rps} × ${name} (p50 ${p50} ×, p99 ${p99} ×; ${result.memory_mib['pressroom']} MiB against ${result.memory_mib[name]})`)
  }
  return result
}
const result = {
  node: process.version,
  ...(wanted('hello') ? { hello: [await once('/hello', 32), await once('/hello', 1)] } : {}),
  ...(wanted('stream') ? { stream: [await once('/stream', 8)] } : {}),
  ...(wanted('cold') ? { cold_start: await coldStarts(Math.max(5, rounds * 3)) } : {}),
  ...(wanted('many') ? { many: await manyFunctions([1, 50, 200], rounds, seconds) } : {}),
}
if (flags.json) console.log(JSON.stringify(result))
else {
  if (result.cold_start) tell(`cold start: ${JSON.stringify(result.cold_start)}`)
  for (const row of result.many ?? []) tell(`many: ${JSON.stringify(row)}`)
}
