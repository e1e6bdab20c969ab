import { PressroomError } from '../../contract/errors.ts'
import type { DeployedFunction } from '../deployed.ts'
import { LIVE } from '../deploy/alias.ts'
import type { Serving } from '../serving.ts'
import type { Which } from './events.ts'

/** Finds the state of a function that an event is for; of an alias with two revisions, the one with more weight. */
export function createFinder(serving: ReadonlyMap<string, Serving>): (name: string, which: Which) => DeployedFunction {
  return (name, { alias = LIVE, revision }) => {
    const at = serving.get(name)
    if (!at) throw new PressroomError('not_found', `no function "${name}" is served; GET /functions lists those that are`)
    if (revision !== undefined) {
      const found = at.revisions.get(revision)
      if (found) return found.deployed
      throw new PressroomError('not_found', `"${name}" has no revision "${revision}" that can be run; it has ${[...at.revisions.keys()].join(', ') || 'none'}`)
    }
    const shares = at.aliases.get(alias)?.state.revisions
    if (!shares) throw new PressroomError('not_found', `"${name}" has no alias "${alias}"; it has ${[...at.aliases.keys()].join(', ') || 'none'}`)
    const heaviest = shares.reduce((most, share) => (share.weight > most.weight ? share : most))
    const found = at.revisions.get(heaviest.revision)
    if (found) return found.deployed
    throw new PressroomError('not_found', `revision ${heaviest.revision} of "${name}" cannot be run; the log of the start says why`)
  }
}
