import type { Outcome } from '../../contract/invocation.ts'
import type { Ticks } from '../../ports/ticks.ts'
import type { HostDatabase } from './store/database.ts'

/** How long before the newest a tick is remembered: a clock set back by less repeats none. */
const KEEP_MS = 2 * 86_400_000

/** Ticks in the host's store: a claim is a unique row, so that of many hosts one runs a tick. */
export function createNodeTicks(store: HostDatabase): Ticks {
  const where = 'WHERE function = ? AND cron = ?'
  return {
    async claim(name, cron, scheduledTime, host) {
      const changed = await store.run('INSERT OR IGNORE INTO ticks (function, cron, scheduled_time, host) VALUES (?, ?, ?, ?)', name, cron, scheduledTime, host)
      return changed === 1
    },
    async finish(name, cron, scheduledTime, { outcome, invocation }) {
      await store.run(`UPDATE ticks SET outcome = ?, invocation = ? ${where} AND scheduled_time = ?`, outcome, invocation, name, cron, scheduledTime)
      await store.run(`DELETE FROM ticks ${where} AND scheduled_time < (SELECT max(scheduled_time) FROM ticks ${where}) - ${KEEP_MS}`, name, cron, name, cron)
    },
    async last(name, cron) {
      const [row] = await store.all<{ time: number; outcome: Outcome; invocation: string | null }>(
        `SELECT scheduled_time AS time, outcome, invocation FROM ticks ${where} AND outcome IS NOT NULL ORDER BY scheduled_time DESC LIMIT 1`,
        name, cron,
      )
      return row ?? null
    },
    async lastClaimed(name, cron) {
      const [row] = await store.all<{ time: number }>(`SELECT scheduled_time AS time FROM ticks ${where} ORDER BY scheduled_time DESC LIMIT 1`, name, cron)
      return row?.time ?? null
    },
  }
}
