import { callCost, priceTables } from '../../../metering/prices.ts'
import { LEDGER_BINDING } from '../ledger-binding.ts'
import { readTraceItem, type TraceItem } from './trace-item.ts'

/**
 * The Worker that makes out the bill: Cloudflare tells it the CPU and wall time of every call of those that name it in
 * `tail_consumers`, which no code can measure from inside. Sums per minute, function and outcome go to table `bill` of the D1
 * database bound as `PRESSROOM_LEDGER`, at the list price of the paid plan: no base fee, no free quota.
 */
export default {
  async tail(events, env) {
    const database = env[LEDGER_BINDING]
    const insert = database.prepare(
      `INSERT INTO bill (minute, function, outcome, invocations, cpu_ms, wall_ms, cost_pico) VALUES (?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT DO UPDATE SET invocations = invocations + 1, cpu_ms = cpu_ms + excluded.cpu_ms, wall_ms = wall_ms + excluded.wall_ms,
         cost_pico = cost_pico + excluded.cost_pico`,
    )
    const rows = (events as readonly TraceItem[]).map(readTraceItem).map((call) => {
      const cost = callCost(priceTables['cloudflare-paid'], { memoryMib: 128, billedMs: 0, cpuMs: call.cpuMs })
      return insert.bind(call.minute, call.function, call.outcome, call.cpuMs, call.wallMs, cost)
    })
    const create = database.prepare(
      `CREATE TABLE IF NOT EXISTS bill (minute TEXT, function TEXT, outcome TEXT, invocations INTEGER, cpu_ms REAL, wall_ms REAL, cost_pico INTEGER,
         PRIMARY KEY (minute, function, outcome)) WITHOUT ROWID`,
    )
    await database.batch([create, ...rows])
  },
} satisfies ExportedHandler<Record<typeof LEDGER_BINDING, D1Database>>
