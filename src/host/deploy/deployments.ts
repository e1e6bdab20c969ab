import { PressroomError } from '../../contract/errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Invocation, Settlement } from '../../contract/invocation.ts'
import type { AliasState, Deployments, Gate, Share, StoredRevision, Triggers } from '../../ports/deployments.ts'
import { inOrder, LIVE, readAliasWish } from './alias.ts'
import type { DeployedFunction } from '../deployed.ts'
import { createGate } from './gate.ts'
import type { ServedAlias, ServedRevision, Serving } from '../serving.ts'
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

/** Takes revisions back that do worse than their gates allow. */
export interface Judge {
  /** Told of every settled invocation. @param status of its answer, when it had one */
  note(at: Serving, invocation: Invocation, settlement: Settlement, status: number | undefined): void
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
export function createDeployments(options: DeploymentOptions): DeploymentOperator & Shelf & Judge {
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
    const next = toServedAlias(state)
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
    has: (name, revision) => servable(serving.get(name), revision),
    add: (stored, deployed) => inTurn(async () => {
      const { function: name, revision } = stored
      const at = serving.get(name) ?? newServing(name, 'upload')
      const known = at.stored.has(revision)
      if (servable(at, revision)) return
      const next = new Map([...at.revisions, [revision, toServed(deployed)]])
      // One that could not be served since the start may be what an alias names.
      if (known) refuseMisfits({ ...at, revisions: next })
      else await store.addRevision(stored)
      serving.set(name, at)
      if (!known) at.stored.set(revision, stored)
      at.revisions = next
      if (known) served()
    }),
    revisions(name) {
      const at = find(name)
      const naming = (revision: string) => [...at.aliases].flatMap(([alias, { state }]) => (state.revisions.some((share) => share.revision === revision) ? [alias] : []))
      return [...at.stored.values()].sort((a, b) => b.at - a.at).map((stored) => ({ ...stored, aliases: naming(stored.revision) }))
    },
    aliases: (name) => Object.fromEntries([...find(name).aliases].map(([alias, at]) => [alias, toAliasView(at)])),
    setAlias: (name, alias, raw) => inTurn(async () => {
      const at = uploaded(name)
      const { revisions, gate } = readAliasWish(alias, raw)
      for (const { revision } of revisions) {
        const problem = at.revisions.get(revision)?.problem
        if (problem !== undefined) throw new PressroomError('conflict', `${name}: revision ${revision} cannot be served: ${problem}`)
        if (!at.revisions.has(revision)) throw new PressroomError('not_found', `${name} has no revision ${revision}; GET /functions/${name}/revisions lists them`)
      }
      const before = at.aliases.get(alias)?.state.revisions ?? []
      return keep(at, alias, inOrder(revisions, before, (revision) => at.stored.get(revision)?.at ?? 0), gate, 'set')
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
      const back = before.find((state) => !same(state) && state.revisions.every(({ revision }) => servable(at, revision)))
      if (!back) throw new PressroomError('conflict', `${name}: ${alias} has pointed at nothing else that is still there`)
      return keep(at, alias, back.revisions, back.revisions.length === 2 ? back.gate : null, 'rolled back')
    }),
    triggers: (name) => triggersOf(find(name)),
    setTriggers: (name, raw) => inTurn(async () => {
      let at = find(name)
      const triggers = raw === null ? null : readTriggers(at, raw)
      refuseMisfits({ ...at, triggers })
      await store.setTriggers(name, triggers)
      // The folder may have changed meanwhile.
      at = find(name)
      at.triggers = triggers
      served()
      options.log('info', `${name}: triggers ${triggers === null ? 'as its config says' : JSON.stringify(triggers)}`, name)
      return triggersOf(at)
    }),
    removeRevision: (name, revision) => inTurn(async () => {
      const at = uploaded(name)
      if (!at.stored.has(revision)) throw new PressroomError('not_found', `${name} has no revision ${revision}`)
      for (const [alias, { state }] of at.aliases) {
        if (state.revisions.some((share) => share.revision === revision)) throw new PressroomError('conflict', `${name}: ${alias} is served by revision ${revision}; point it at another first`)
      }
      const last = at.stored.size === 1 && at.aliases.size === 0
      if (last) await store.setTriggers(name, null)
      await store.removeRevision(name, revision)
      at.stored.delete(revision)
      at.revisions.delete(revision)
      if (last) serving.delete(name)
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
    note(at, { alias = LIVE, revision }, settlement, status = 0) {
      const { outcome, delivered, runMs, bill } = settlement
      const set = at.aliases.get(alias)
      const [trial, other] = set?.state.revisions ?? []
      // What was refused for want of room or money says nothing of the code.
      if (!set?.gate || !trial || !other || (!delivered && outcome !== 'init_failed')) return
      const who = revision === trial.revision ? 'trial' : revision === other.revision ? 'other' : undefined
      const { gate } = set
      const failed = status >= 500 || (outcome !== 'ok' && outcome !== 'canceled')
      const verdict = who && gate.note(who, { failed, runMs: delivered ? runMs : undefined, costPico: bill?.costPico ?? 0 })
      if (verdict?.kind === 'passed') options.log('info', `${at.name}: ${trial.revision} has passed the gate of ${alias}`, at.name)
      if (verdict?.kind !== 'failed') return
      // Judged once: what comes in meanwhile changes nothing.
      set.gate = undefined
      options.log('warn', `${at.name}: ${trial.revision} is taken back from ${alias}: ${verdict.why}`, at.name)
      inTurn(async () => {
        if (at.aliases.get(alias) === set) await keep(at, alias, [{ revision: other.revision, weight: 100 }], null, `${trial.revision} was taken back: ${verdict.why}`)
      }).catch((error: unknown) => {
        // The next call is judged again.
        set.gate = gate
        options.log('error', `${at.name}: ${alias} could not be taken back: ${String(error)}`, at.name)
      })
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
export function toServedAlias(state: AliasState): ServedAlias {
  return { state, gate: state.gate && state.revisions.length === 2 ? createGate(state.gate) : undefined }
}

/** A revision without a pool yet. */
export function toServed(deployed: DeployedFunction): ServedRevision {
  return { deployed, spender: toSpender(deployed), pool: undefined }
}

function servable(at: Serving | undefined, revision: string): boolean {
  const served = at?.revisions.get(revision)
  return served !== undefined && served.problem === undefined
}

function toAliasView({ state, gate }: ServedAlias): AliasView {
  return { ...state, gate_progress: gate?.progress() ?? null }
}

function triggersOf(at: Serving): { triggers: Triggers; from: 'config' | 'triggers' } {
  return { triggers: readTriggers(at, at.triggers), from: at.triggers === null ? 'config' : 'triggers' }
}
