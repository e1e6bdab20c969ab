/** Measures the parser over a folder of feeds and expectations: `npm run eval:feeds -- DIR [--json]`; `--failures` names what is not met,
 * `--rivals` lets other parsers read the same. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments, refuse } from '../../scripts/arguments.ts'
import { evaluateFeeds } from './feed-figures.ts'
import { compareParsers } from './feed-rivals.ts'

const usage = 'usage: npm run eval:feeds -- DIR [--json] [--failures] [--rivals]   (DIR holds feeds/manifest.tsv, expectations/expect.jsonl, or both)'
const { values, path: folder } = readArguments(usage, {
  json: { type: 'boolean', default: false }, failures: { type: 'boolean', default: false }, rivals: { type: 'boolean', default: false },
})
if (!['feeds/manifest.tsv', 'expectations/expect.jsonl'].some((name) => existsSync(join(folder, name)))) refuse(usage, `${folder} holds neither`)

if (values.rivals) {
  const { documents, rivals } = await compareParsers(folder)
  for (const { name, whole, damaged, megabytesPerSecond } of rivals) {
    const found = Object.entries(damaged).map(([damage, count]) => `${damage} ${count}`).join(', ')
    console.log(`${name.padEnd(20)} ${whole} of ${documents}; ${found}; ${megabytesPerSecond.toFixed(1)} MB/s`)
  }
}
const { figures, failures } = await evaluateFeeds(folder)
if (values.failures) for (const failure of failures) console.log(failure)
if (values.json) console.log(JSON.stringify(figures))
else {
  const { documents, with_items: read, expectations, mutations } = figures
  const share = (part: number, whole: number): string => `${part} of ${whole} (${whole === 0 ? '–' : ((100 * part) / whole).toFixed(1)} %)`
  console.log(`documents that yield items   ${share(read, documents)}, ${figures.items} items, ${figures.crashes} crashes`)
  console.log(`slowest document             ${figures.slowest_ms} ms`)
  console.log(`expectations met             ${share(expectations.passed, expectations.mapped)}; ${expectations.asserts} are stated`)
  for (const [name, { feeds, with_items: left }] of Object.entries(mutations)) console.log(`${name.padEnd(28)} ${share(left, feeds)}`)
}
