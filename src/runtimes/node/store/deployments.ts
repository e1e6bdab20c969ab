import type { HandlerName } from '../../../contract/function.ts'
import type { AliasState, Deployments, Gate, KeptFunction, Share, StoredRevision, Triggers } from '../../../ports/deployments.ts'
import type { HostDatabase } from './database.ts'

const HISTORY = 100

interface RevisionRow {
  function: string
  revision: string
  at: number
  sha256: string
  bytes: number
  main: string
  handlers: string
  config: string | null
}

interface AliasRow {
  function: string
  alias: string
  at: number
  revisions: string
  gate: string | null
  why: string
}

/** Remembers what was deployed in the host's database. */
export function createNodeDeployments(database: HostDatabase): Deployments {
  return {
    async read() {
      const kept = new Map<string, { revisions: StoredRevision[]; aliases: Map<string, AliasState>; triggers: Triggers | null }>()
      const at = (name: string) => {
        const one = kept.get(name) ?? { revisions: [], aliases: new Map<string, AliasState>(), triggers: null }
        kept.set(name, one)
        return one
      }
      const [revisions, aliases, triggers] = await Promise.all([
        database.all<RevisionRow>('SELECT * FROM revisions ORDER BY function, at, revision'),
        database.all<AliasRow>('SELECT * FROM alias_states WHERE seq IN (SELECT max(seq) FROM alias_states GROUP BY function, alias)'),
        database.all<{ function: string; triggers: string }>('SELECT * FROM triggers'),
      ])
      for (const row of revisions) at(row.function).revisions.push(toRevision(row))
      for (const row of aliases) at(row.function).aliases.set(row.alias, toState(row))
      for (const row of triggers) at(row.function).triggers = JSON.parse(row.triggers) as Triggers
      return [...kept].map(([name, one]): KeptFunction => ({ name, ...one })).sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async addRevision({ function: name, revision, at, sha256, bytes, main, handlers, config }) {
      await database.run(
        'INSERT OR IGNORE INTO revisions (function, revision, at, sha256, bytes, main, handlers, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        name, revision, at, sha256, bytes, main, JSON.stringify(handlers), config === undefined ? null : JSON.stringify(config),
      )
    },
    async removeRevision(name, revision) {
      await database.run('DELETE FROM revisions WHERE function = ? AND revision = ?', name, revision)
    },
    async setAlias(name, alias, { revisions, gate, at, why }) {
      await Promise.all([
        database.run(
          'INSERT INTO alias_states (function, alias, at, revisions, gate, why) VALUES (?, ?, ?, ?, ?, ?)',
          name, alias, at, JSON.stringify(revisions), gate === null ? null : JSON.stringify(gate), why,
        ),
        database.run(
          `DELETE FROM alias_states WHERE function = ?1 AND alias = ?2
             AND seq NOT IN (SELECT seq FROM alias_states WHERE function = ?1 AND alias = ?2 ORDER BY seq DESC LIMIT ${HISTORY})`,
          name, alias,
        ),
      ])
    },
    async removeAlias(name, alias) {
      await database.run('DELETE FROM alias_states WHERE function = ? AND alias = ?', name, alias)
    },
    async setTriggers(name, triggers) {
      if (triggers === null) await database.run('DELETE FROM triggers WHERE function = ?', name)
      else await database.run('INSERT INTO triggers (function, triggers) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET triggers = ?2', name, JSON.stringify(triggers))
    },
    async history(name, alias) {
      return (await database.all<AliasRow>('SELECT * FROM alias_states WHERE function = ? AND alias = ? ORDER BY seq DESC', name, alias)).map(toState)
    },
  }
}

function toRevision({ handlers, config, ...row }: RevisionRow): StoredRevision {
  return { ...row, handlers: JSON.parse(handlers) as HandlerName[], config: config === null ? undefined : (JSON.parse(config) as unknown) }
}

function toState({ revisions, gate, at, why }: AliasRow): AliasState {
  return { revisions: JSON.parse(revisions) as Share[], gate: gate === null ? null : (JSON.parse(gate) as Gate), at, why }
}
