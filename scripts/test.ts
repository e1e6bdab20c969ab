/**
 * Runs the tests: `node scripts/test.ts [--long] [file …]`. Prints the runner's report, the reason of every skipped test,
 * the seed of random ones, and last one plain line of counts.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { long: { type: 'boolean', default: false }, seed: { type: 'string' } } })
const root = join(import.meta.dirname, '..')
const seed = flags.seed ?? String(Date.now() % 1_000_000_000)
process.env['PRESSROOM_TEST_SEED'] = seed
if (flags.long) process.env['PRESSROOM_TEST_LONG'] = '1'
const files = positionals.length > 0 ? positionals : globSync('test/**/*.test.ts', { cwd: root }).map((file) => join(root, file)).sort()
const counts = { passed: 0, failed: 0, skipped: 0 }
const skipped: string[] = []

// Two at once: journeys start whole hosts, and the machine may have two CPUs.
const stream = run({ files, concurrency: 2, timeout: flags.long ? 3_600_000 : 300_000 })
const leaf = ({ details }: { details: { type?: string | undefined } }) => details.type !== 'suite'
stream.on('test:pass', (data) => {
  if (!leaf(data)) return
  if (data.skip === undefined && data.todo === undefined) counts.passed++
  else {
    counts.skipped++
    skipped.push(`${data.name}: ${data.skip === true || data.skip === '' ? 'no reason given' : String(data.skip ?? data.todo)}`)
  }
})
stream.on('test:fail', (data) => {
  if (leaf(data)) counts.failed++
})
stream.compose(spec()).pipe(process.stdout)
stream.on('end', () => {
  setImmediate(() => {
    for (const line of skipped) console.log(`skipped: ${line}`)
    console.log(`seed ${seed}`)
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
  })
})
