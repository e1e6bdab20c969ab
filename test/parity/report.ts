/** Prints how this host and workerd answer the same programs: `node test/parity/report.ts [--json]`. */
import { runParity } from './hosts.ts'

const lines = await runParity()
const different = lines.filter((line) => !line.same)
if (process.argv.includes('--json')) console.log(JSON.stringify(lines, null, 2))
else {
  for (const { request, reason, node, workerd } of different) {
    console.log(`${reason === null ? 'UNEXPLAINED' : 'known'} ${request}${reason === null ? '' : `: ${reason}`}`)
    console.log(`  node    ${JSON.stringify(node)}\n  workerd ${JSON.stringify(workerd)}`)
  }
  const unexplained = different.filter((line) => line.reason === null).length
  console.log(`${lines.length} requests, ${lines.length - different.length} alike, ${different.length - unexplained} known differences, ${unexplained} unexplained`)
}
process.exitCode = different.some((line) => line.reason === null) ? 1 : 0
