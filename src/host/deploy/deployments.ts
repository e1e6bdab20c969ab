import { PressroomError } from '../../contract/errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AliasState, Deployments, Gate, Share, StoredRevision, Triggers } from '../../ports/deployments.ts'
import { LIVE, readAliasWish } from './alias.ts'
import type { DeployedFunction } from '../deployed.ts'
import { createGate, type GatedCall } from './gate.ts'
import type { ServedAlias, Serving } from '../serving.ts'
import { toSpender } from '../spending.ts'
import { readTriggers } from './triggers.ts'
import type { AliasView, DeploymentOperator } from './views.ts'

/** Where accepted uploads go. */
export interface Shelf {
  /** @throws PressroomError `conflict` when no upload may have this name */
  reserve(name: string): void
  has(name: string, revision: string): boolean
  /** Resolves when the revision is kept for good. */
  add(stored: StoredRevision, deployed: DeployedFunction): Promise<void>
}

/** What changes of deployments need of their host. */
export interface DeploymentOptions {
  serving: Map<string, Serving>
  store: Deployments
  clock: Clock
  /** What keeps the functions from being served together if `changed` took the place of the one with its name; empty when nothing does. */
  misfits(changed: Serving): string[]
  /** Brings the tables up to date, and ends what no alias names any more. */
  served(): void
  /** The files of a revision are not needed any more. */
  forget(name: string, revision: string): Promise<void>
  log(level: 'info' | 'warn' | 'error', message: string, name: string): void
}

/** Changes what is deployed, one change after the other: each is kept first, then takes effect in one step. */
export function createDeployments(options: DeploymentOptions): DeploymentOperator & Shelf & { note(at: Serving, alias: string | undefined, revision: string, call: GatedCall): void } {
  const { serving, store, clock, misfits, served } = options
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }
  /** Not waited for: an upload that is being taken in waits for its turn here. */
  const forget = (name: string, revision: string) => {
    options.forget(name, revision).catch((error: unknown) => options.log('warn', `${name}: the files of ${revision} are still there: ${String(error)}`, name))
  }
  const find = (name: string): Serving => {
    const at = serving.get(name)
    if (!at) throw new PressroomError('not_found', `there is no function ${name}; GET /functions lists them`)
    return at
  }
  const uploaded = (name: string): Serving => {
    const at = find(name)
    if (at.source === 'folder') throw new PressroomError('conflict', `${name} comes from the folder of functions: change its file there`)
    return at
  }
  const refuseMisfits = (changed: Serving) => {
    const told = misfits(changed)
    if (told.length > 0) throw new PressroomError('conflict', told.join('\n'))
  }
  const keep = async (at: Serving, alias: string, revisions: readonly Share[], gate: Gate | null, why: string): Promise<AliasView> => {
    const state: AliasState = { revisions, gate, at: clock.now(), why }
    const next = toServedAlias(at, state)
    refuseMisfits({ ...at, aliases: new Map([...at.aliases, [alias, next]]) })
    await store.setAlias(at.name, alias, state)
    at.aliases.set(alias, next)
    served()
    options.log('info', `${at.name}: ${alias} is ${revisions.map(({ revision, weight }) => `${revision} ${weight} %`).join(', ')} (${why})`, at.name)
    return toAliasView(next)
  }

  return {
    reserve(name) {
      if (serving.get(name)?.source === 'folder') throw new PressroomError('conflict', `${name} is a function of the folder already; choose another name, or remove its file`)
    },
    has: (name, revision) => serving.get(name)?.stored.has(revision) ?? false,
    add: (stored, deployed) => inTurn(async () => {
      const { function: name, revision } = stored
      const at = serving.get(name) ?? newServing(name, 'upload')
      const known = at.stored.has(revision)
      const next = new Map([...at.revisions, [revision, at.revisions.get(revision) ?? { deployed, spender: toSpender(deployed), pool: undefined }]])
      // One whose files were gone at the start may be what an alias names.
      if (known) refuseMisfits({ ...at, revisions: next })
      else await store.addRevision(stored)
      serving.set(name, at)
      if (!known) at.stored.set(revision, stored)
      at.revisions = next
      if (known) served()
    }),
    revisions(name) {
      const at = find(name)
      const naming = (revision: string) => [...at.aliases].flatMap(([alias, { shares }]) => (shares.some((share) => share.revision === revision) ? [alias] : []))
      return [...at.stored.values()].sort((a, b) => b.at - a.at).map((stored) => ({ ...stored, aliases: naming(stored.revision) }))
    },
    aliases: (name) => Object.fromEntries([...find(name).aliases].map(([alias, at]) => [alias, toAliasView(at)])),
    setAlias: (name, alias, raw) => inTurn(async () => {
      const at = uploaded(name)
      const { revisions, gate } = readAliasWish(alias, raw)
      for (const { revision } of revisions) {
        if (!at.revisions.has(revision)) throw new PressroomError('not_found', `${name} has no revision ${revision} that can be served; GET /functions/${name}/revisions lists them`)
      }
      return keep(at, alias, revisions, gate, 'set')
    }),
    removeAlias: (name, alias) => inTurn(async () => {
      const at = uploaded(name)
      if (!at.aliases.has(alias)) throw new PressroomError('not_found', `${name} has no alias ${alias}`)
      if (alias === LIVE) throw new PressroomError('conflict', `${LIVE} serves ${name}'s triggers; delete the function instead`)
      await store.removeAlias(name, alias)
      at.aliases.delete(alias)
      served()
    }),
    rollback: (name, alias) => inTurn(async () => {
      const at = uploaded(name)
      const [now, ...before] = await store.history(name, alias)
      if (!now) throw new PressroomError('not_found', `${name} has no alias ${alias}`)
      const same = (state: AliasState) => JSON.stringify(state.revisions) === JSON.stringify(now.revisions)
      const back = before.find((state) => !same(state) && state.revisions.every(({ revision }) => at.revisions.has(revision)))
      if (!back) throw new PressroomError('conflict', `${name}: ${alias} has pointed at nothing else that is still there`)
      return keep(at, alias, back.revisions, back.revisions.length === 2 ? back.gate : null, 'rolled back')
    }),
    triggers: (name) => triggersOf(find(name)),
    setTriggers: (name, raw) => inTurn(async () => {
      const at = find(name)
      const triggers = raw === null ? null : readTriggers(at, raw)
      refuseMisfits({ ...at, triggers })
      await store.setTriggers(name, triggers)
      at.triggers = triggers
      served()
      options.log('info', `${name}: triggers ${triggers === null ? 'as its config says' : JSON.stringify(triggers)}`, name)
      return triggersOf(at)
    }),
    removeRevision: (name, revision) => inTurn(async () => {
      const at = uploaded(name)
      if (!at.stored.has(revision)) throw new PressroomError('not_found', `${name} has no revision ${revision}`)
      for (const [alias, { shares }] of at.aliases) {
        if (shares.some((share) => share.revision === revision)) throw new PressroomError('conflict', `${name}: ${alias} is served by revision ${revision}; point it at another first`)
      }
      await store.removeRevision(name, revision)
      at.stored.delete(revision)
      at.revisions.delete(revision)
      if (at.stored.size === 0 && at.aliases.size === 0) serving.delete(name)
      forget(name, revision)
    }),
    removeFunction: (name) => inTurn(async () => {
      const at = uploaded(name)
      // Without its aliases nothing of it is served: whatever is left when the host ends in the middle can be deleted again.
      for (const alias of at.aliases.keys()) await store.removeAlias(name, alias)
      at.aliases.clear()
      served()
      await store.setTriggers(name, null)
      for (const revision of at.stored.keys()) await store.removeRevision(name, revision)
      serving.delete(name)
      for (const revision of at.stored.keys()) forget(name, revision)
      options.log('info', `${name}: deleted`, name)
    }),
    note(at, alias, revision, call) {
      const served = alias === undefined ? undefined : at.aliases.get(alias)
      if (!served?.gate || alias === undefined) return
      const [newer, other] = served.shares
      const who = revision === newer!.revision ? 'newer' : revision === other?.revision ? 'other' : undefined
      const verdict = who && served.gate.note(who, call)
      if (verdict?.kind === 'passed') options.log('info', `${at.name}: ${newer!.revision} has passed the gate of ${alias}`, at.name)
      if (verdict?.kind !== 'failed') return
      // Judged once: what comes in meanwhile changes nothing.
      served.gate = undefined
      options.log('warn', `${at.name}: ${newer!.revision} is taken back from ${alias}: ${verdict.why}`, at.name)
      inTurn(async () => {
        if (at.aliases.get(alias) === served) await keep(at, alias, [{ revision: other!.revision, weight: 100 }], null, `${newer!.revision} was taken back: ${verdict.why}`)
      }).catch((error: unknown) => options.log('error', `${at.name}: ${alias} could not be taken back: ${String(error)}`, at.name))
    },
  }
}

/** A function that has nothing yet. */
export function newServing(name: string, source: Serving['source']): Serving {
  return {
    name, source,
    revisions: new Map(), stored: new Map(), aliases: new Map(), triggers: null,
    totals: { invocations: 0, errors: 0, throttled: 0, billed_ms: 0, unbilled_init_ms: 0 },
  }
}

/** Puts an alias to work. */
export function toServedAlias(at: Pick<Serving, 'stored'>, state: AliasState): ServedAlias {
  const age = ({ revision }: Share) => at.stored.get(revision)?.at ?? 0
  return {
    state,
    shares: [...state.revisions].sort((a, b) => age(b) - age(a)),
    gate: state.gate && state.revisions.length === 2 ? createGate(state.gate) : undefined,
  }
}

function toAliasView({ state, gate }: ServedAlias): AliasView {
  return { ...state, gate_progress: gate?.progress() ?? null }
}

function triggersOf(at: Serving): { triggers: Triggers; from: 'config' | 'triggers' } {
  return { triggers: readTriggers(at, at.triggers), from: at.triggers === null ? 'config' : 'triggers' }
}
