/**
 * Prints how this host and workerd answer the same programs: `node test/parity/report.ts [--json] [--node URL] [--workerd URL]`.
 * Without addresses both are started; with them, hosts that serve the functions of `test/parity` on fresh data are asked.
 */
import { parseArgs } from 'node:util'
import { compare } from './compare.ts'
import { runParity } from './hosts.ts'

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false }, node: { type: 'string' }, workerd: { type: 'string' } } })
const { node: one, workerd: other } = flags
if ((one === undefined) !== (other === undefined)) throw new Error('parity: name both hosts, --node URL and --workerd URL, or neither')
const lines = one === undefined || other === undefined ? await runParity() : await compare(one.replace(/\/$/, ''), other.replace(/\/$/, ''))
const different = lines.filter((line) => !line.same)
const unexplained = different.filter((line) => line.reason === null).length
if (flags.json) console.log(JSON.stringify({ requests: lines.length, alike: lines.length - different.length, known: different.length - unexplained, unexplained, lines }, null, 2))
else {
  for (const { request, reason, node, workerd } of different) {
    console.log(`${reason === null ? 'UNEXPLAINED' : 'known'} ${request}${reason === null ? '' : `: ${reason}`}`)
    console.log(`  node    ${JSON.stringify(node)}\n  workerd ${JSON.stringify(workerd)}`)
  }
  console.log(`${lines.length} requests, ${lines.length - different.length} alike, ${different.length - unexplained} known differences, ${unexplained} unexplained`)
}
process.exitCode = unexplained === 0 ? 0 : 1
