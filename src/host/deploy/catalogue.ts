import { PressroomError } from '../../contract/errors.ts'
import type { Invocation } from '../../contract/invocation.ts'
import type { Pool } from '../../instances/pool.ts'
import type { KeptFunction, StoredRevision, Triggers } from '../../ports/deployments.ts'
import type { CronTable } from '../../routing/cron-table.ts'
import type { RouteTable } from '../../routing/route-table.ts'
import { LIVE } from './alias.ts'
import type { DeployedFunction } from '../deployed.ts'
import { newServing, toServed, toServedAlias } from './deployments.ts'
import type { ServedRevision, Serving } from '../serving.ts'
import { standIn } from './stand-in.ts'
import { checkTogether, tableOfRoutes, tableOfSchedules } from './together.ts'
import { withTriggers } from './triggers.ts'

/** An uploaded revision, ready to serve, or why it cannot be. */
export interface Upload {
  stored: StoredRevision
  deployed: DeployedFunction | { problem: string }
}

/** All functions of a host and the tables made of them. */
export interface Catalogue {
  readonly serving: Map<string, Serving>
  readonly routes: RouteTable
  readonly schedules: CronTable
  /** The revision that an invocation was given; undefined when there is none. */
  revisionOf(invocation: Pick<Invocation, 'function' | 'revision'>): ServedRevision | undefined
  /** As `revisionOf`, with its pool. */
  poolOf(invocation: Pick<Invocation, 'function' | 'revision'>): Pool | undefined
  /** Puts other functions in the place of those of the folder. @throws PressroomError `bad_config`; then nothing has changed */
  replaceFolder(functions: readonly DeployedFunction[]): void
  /** What would keep all from being served together if `changed` took the place of the one with its name. */
  misfits(changed: Serving): string[]
  /** Gives a binding another value, in every revision whose `env` names it: new calls get it at once. */
  rebind(name: string, spec: unknown): void
  /** Functions that name a binding in the `env` of any of their revisions. */
  naming(name: string): string[]
  /** Brings the tables up to date with `serving`, and ends what no alias names any more. */
  served(): void
  /** Resolves when all that is served and all that has left has ended its work. */
  drain(): Promise<void>
  /** Ends everything now. */
  kill(): void
}

/** What a catalogue is made of. */
export interface CatalogueOptions {
  functions: readonly DeployedFunction[]
  kept: readonly KeptFunction[]
  uploads: readonly Upload[]
  makePool(deployed: DeployedFunction): Pool
  /** Told of every new table of schedules. */
  rescheduled(schedules: CronTable): void
  /** Told of what cannot be as it was kept. */
  tell(message: string, name: string): void
}

/**
 * Makes the catalogue of a host.
 * @throws PressroomError `bad_config` when functions do not fit together
 */
export function createCatalogue({ functions, kept, uploads, makePool, rescheduled, tell }: CatalogueOptions): Catalogue {
  const serving = new Map<string, Serving>()
  const leaving = new Set<Promise<void>>()
  /** Triggers that were set for functions of the folder, for the day these come (back). */
  const resting = new Map<string, Triggers>()
  let routes!: RouteTable
  let schedules!: CronTable

  for (const { name, revisions, aliases, triggers } of kept) {
    const at = newServing(name, revisions.length > 0 || aliases.size > 0 ? 'upload' : 'folder')
    for (const stored of revisions) at.stored.set(stored.revision, stored)
    for (const stored of revisions) {
      const deployed = uploads.find((upload) => upload.stored.function === name && upload.stored.revision === stored.revision)?.deployed
      if (deployed && 'code' in deployed) at.revisions.set(stored.revision, toServed(deployed))
      else at.revisions.set(stored.revision, { ...toServed(standIn(stored)), problem: deployed?.problem ?? `${name}: revision ${stored.revision} was not loaded` })
    }
    for (const [alias, state] of aliases) at.aliases.set(alias, toServedAlias(state))
    at.triggers = triggers
    if (at.source === 'upload') serving.set(name, at)
    else if (triggers) resting.set(name, triggers)
  }
  const leave = (revision: ServedRevision) => {
    if (!revision.pool) return
    const gone: Promise<void> = revision.pool.drain().finally(() => leaving.delete(gone))
    revision.pool = undefined
    leaving.add(gone)
  }
  const all = () => [...serving.values()]
  const effective = (functions: readonly Serving[]) => functions.flatMap((at) => withTriggers(at) ?? [])
  const retable = () => {
    const now = effective(all())
    routes = tableOfRoutes(now)
    schedules = tableOfSchedules(now)
    rescheduled(schedules)
  }

  /** At the start, triggers that were set and do not fit the code any more must not keep the host from starting. */
  const fit = (at: Serving) => {
    try {
      withTriggers(at)
    } catch (error) {
      tell(`${at.name}: wakes by its config: ${(error as Error).message}`, at.name)
      at.triggers = null
    }
  }

  function replaceFolder(functions: readonly DeployedFunction[], starting = false) {
    const next = new Map<string, Serving>()
    for (const deployed of functions) {
      const { name, revision } = deployed
      const before = serving.get(name)
      if (before?.source === 'upload') {
        throw new PressroomError('bad_config', `${deployed.file}: a function ${name} was uploaded to this host; rename the file, or delete the uploaded one (DELETE /functions/${name})`)
      }
      const at = { ...(before ?? { ...newServing(name, 'folder'), triggers: resting.get(name) ?? null }), revisions: new Map<string, ServedRevision>() }
      at.revisions.set(revision, before?.revisions.get(revision) ?? toServed(deployed))
      at.aliases = new Map([[LIVE, toServedAlias({ revisions: [{ revision, weight: 100 }], gate: null, at: 0, why: 'in the folder' })]])
      next.set(name, at)
    }
    const uploaded = all().filter(({ source }) => source === 'upload')
    if (starting) for (const at of [...next.values(), ...uploaded]) fit(at)
    const misfits = checkTogether(effective([...next.values(), ...uploaded]))
    if (misfits.length > 0) throw new PressroomError('bad_config', misfits.join('\n'))
    for (const [name, at] of serving) {
      if (at.source === 'upload') continue
      for (const [id, revision] of at.revisions) if (!next.get(name)?.revisions.has(id)) leave(revision)
      if (at.triggers) resting.set(name, at.triggers)
      else resting.delete(name)
      if (!next.has(name)) serving.delete(name)
    }
    for (const [name, at] of next) serving.set(name, at)
    retable()
  }

  const revisionOf = ({ function: name, revision }: Pick<Invocation, 'function' | 'revision'>) =>
    revision === undefined ? undefined : serving.get(name)?.revisions.get(revision)
  replaceFolder(functions, true)

  return {
    serving,
    get routes() {
      return routes
    },
    get schedules() {
      return schedules
    },
    revisionOf,
    poolOf(invocation) {
      const revision = revisionOf(invocation)
      return revision && revision.problem === undefined ? (revision.pool ??= makePool(revision.deployed)) : undefined
    },
    replaceFolder: (functions) => replaceFolder(functions),
    misfits(changed) {
      const others = effective(all().filter(({ name }) => name !== changed.name))
      try {
        return checkTogether([...others, ...effective([changed])])
      } catch (error) {
        return [(error as Error).message]
      }
    },
    rebind(name, spec) {
      for (const { revisions } of all()) {
        for (const revision of revisions.values()) {
          const { deployed } = revision
          if (!deployed.config.env?.includes(name)) continue
          leave(revision)
          revision.deployed = { ...deployed, code: { ...deployed.code, bindings: { ...deployed.code.bindings, [name]: spec } } }
        }
      }
    },
    naming: (name) => all().flatMap((at) => ([...at.revisions.values()].some(({ deployed }) => deployed.config.env?.includes(name)) ? [at.name] : [])),
    served() {
      retable()
      for (const { revisions, aliases } of all()) {
        const named = new Set([...aliases.values()].flatMap(({ state }) => state.revisions.map(({ revision }) => revision)))
        for (const [id, revision] of revisions) if (!named.has(id)) leave(revision)
      }
    },
    async drain() {
      for (const { revisions } of all()) for (const revision of revisions.values()) if (revision.pool) leaving.add(revision.pool.drain())
      await Promise.all(leaving)
    },
    kill() {
      for (const { revisions } of all()) for (const { pool } of revisions.values()) pool?.kill()
    },
  }
}
