import { sql, type CompiledQuery, type RawBuilder } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import type { CounterTable } from '../schema.ts'
import { halfLives, type Counters } from './counters.ts'

/** A story that nobody saw for so long has no counter. */
export const keptMs = 48 * 3_600_000

/** A figure after what was counted beside it, both faded to the later of their moments. */
function faded(figure: string, halfLife: number): RawBuilder<unknown> {
  const [old, added] = [sql.ref(`counter.${figure}`), sql.ref(`excluded.${figure}`)]
  return sql`${sql.ref(figure)} = ${old} * pow(0.5, 1.0 * max(0, excluded.at - counter.at) / ${sql.lit(halfLife)}) + ${added} * pow(0.5, 1.0 * max(0, counter.at - excluded.at) / ${sql.lit(halfLife)})`
}

const figures = sql.join((['clicks', 'views'] as const).flatMap((what) => ['1h', '4h', '24h'].map((name, i) => faded(`${what}_${name}`, halfLives[i]!))))

/** A query that counts what readers did at `now`; `rows` selects `story`, `clicks` and `views`, each story once. */
export function counting(db: NewsDatabase, rows: RawBuilder<unknown>, now: number): CompiledQuery {
  return sql`
    INSERT INTO counter (story, at, opened_at, clicks_1h, clicks_4h, clicks_24h, views_1h, views_4h, views_24h, clicks, views)
    SELECT story, ${now}, iif(clicks > 0, ${now}, 0), clicks, clicks, clicks, views, views, views, clicks, views FROM (${rows}) WHERE true
    ON CONFLICT (story) DO UPDATE SET ${figures}, at = max(counter.at, excluded.at), opened_at = max(counter.opened_at, excluded.opened_at),
      clicks = counter.clicks + excluded.clicks, views = counter.views + excluded.views`.compile(db)
}

/** A query for the counters that changed after `since`: of what was opened alone, or of what was shown, too. */
export function countersSince(db: NewsDatabase, since: number, what: 'opened' | 'changed'): CompiledQuery<CounterTable> {
  return db.selectFrom('counter').selectAll().where(what === 'opened' ? 'opened_at' : 'at', '>', since).compile()
}

/** A counter as the ranker has it. */
export function countersIn(row: CounterTable): Counters {
  return { at: row.at, clicks: [row.clicks_1h, row.clicks_4h, row.clicks_24h], views: [row.views_1h, row.views_4h, row.views_24h], allClicks: row.clicks, allViews: row.views }
}
