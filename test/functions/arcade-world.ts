import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { GameEvent } from '../../functions/_arcade/event.ts'
import { games } from '../../functions/_arcade/games.ts'
import { D1Database as SqliteDatabase } from '../../src/runtimes/node/bindings/d1/database.ts'

const root = join(import.meta.dirname, '../..')

/** What chance begins with; a failed run is repeated with it. */
export const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Math.floor(Math.random() * 1e9))

/** An empty database of an arcade, as the host makes it; gone when the test is over. */
export function openArcade(t: TestContext): D1Database {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-arcade-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'arcade.sqlite')
  const spec = { type: 'd1', file, name: 'arcade', migrationsDir: join(root, 'functions/_arcade/migrations'), migrationsTable: 'd1_migrations' }
  execFileSync(process.execPath, [join(root, 'src/runtimes/node/bindings/migrate.ts')], { input: JSON.stringify({ ARCADE: spec }) })
  // Cloudflare's types say more than the functions use.
  return new SqliteDatabase(file) as unknown as D1Database
}

/** An event as it is queued: ten points at a moment, unless told otherwise. */
export function eventAt(game: string, id: string, player: string, at: number, over: Partial<GameEvent> = {}): GameEvent {
  return { game, id, player, type: 'score', value: 10, name: null, at, total: games[game]!.board === 'total', ...over }
}

/** Numbers by chance, the same for the same seed (mulberry32). */
export function chance(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The same in another order. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item)
}
