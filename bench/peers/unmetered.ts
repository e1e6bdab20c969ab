/** The same host with metering and tracing off: no ledger, no telemetry. Takes the flags of `start`. */
import { totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { optionTable, resolveOptions } from '../../src/host/options.ts'
import type { Ledger } from '../../src/ports/store.ts'
import { startNode } from '../../src/runtimes/node/main.ts'

const noLedger: Ledger = {
  record() {},
  count() {},
  unbilledInit() {},
  async flush() {},
  failing: () => undefined,
  records: async () => ({ entries: [], next: null }),
  usage: async () => [],
}
process.env['OTEL_SDK_DISABLED'] = 'true'
const names = optionTable.map(({ key, flag }) => [key, flag.split(' ')[0]!.slice(2)] as const)
const { values } = parseArgs({ options: Object.fromEntries(names.map(([, name]) => [name, { type: 'string' as const }])) })
const flags = Object.fromEntries(names.flatMap(([key, name]) => (values[name] === undefined ? [] : [[key, values[name]]])))
const host = await startNode({ ...resolveOptions(flags, process.env, totalmem()), dev: false }, { ledger: noLedger })
process.on('SIGTERM', () => void host.close('SIGTERM'))
process.exit(await host.done)
