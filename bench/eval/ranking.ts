/**
 * Replays what readers did through the ranker of the editions: `npm run eval -- DIR [--last N] [--json]`. DIR holds `items.jsonl.gz`
 * and `events.jsonl.gz`, or `labels.jsonl.gz`. Causal: each list is ranked by what came before it, learned from, and counted.
 */
import { parseArgs } from 'node:util'
import { beginning } from '../../functions/_news/ranking/weights.ts'
import { judgeLabels } from './clicks/labelled.ts'
import { readClickLog } from './clicks/log.ts'
import { replay } from './clicks/replay.ts'

const { values: flags, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { last: { type: 'string' }, json: { type: 'boolean', default: false } } })
if (folder === undefined || (flags.last !== undefined && !/^[1-9]\d*$/.test(flags.last))) {
  console.error('usage: npm run eval -- DIR [--last N] [--json]   (N: a whole number of impressions at the end that are scored)')
  process.exit(2)
}

/** Figures to six digits: more would be noise. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value
}

try {
  const log = await readClickLog(folder)
  const result = log.labels.length > 0 ? judgeLabels(log, beginning) : replay(log, beginning, flags.last === undefined ? Infinity : Number(flags.last))
  if (flags.json) console.log(JSON.stringify(result, rounded))
  else {
    console.table(Object.fromEntries(Object.entries(result.rankers).map(([name, one]) => [name, JSON.parse(JSON.stringify(one, rounded))])))
    const { rankers: _, ...rest } = result
    console.log(JSON.stringify(rest, rounded, 2))
  }
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
