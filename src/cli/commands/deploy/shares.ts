import type { AliasShare } from '../../../admin/client/deployments.ts'
import { PressroomError } from '../../../contract/errors.ts'

/**
 * What an alias is to point at after a deploy: the new revision alone, or `weight` per cent of it and the rest of what serves now.
 * @throws PressroomError `bad_option` when there is nothing, or more than one other, to share with
 */
export function sharesFor(revision: string, weight: number | undefined, alias: string, before: readonly AliasShare[]): AliasShare[] {
  const others = before.filter((share) => share.revision !== revision)
  if (weight === undefined || weight === 100 || (others.length === 0 && before.length > 0)) return [{ revision, weight: 100 }]
  const [other, second] = others
  if (other === undefined) throw new PressroomError('bad_option', `--weight ${weight}: nothing serves ${alias} yet that it could share with; leave it out`)
  if (second !== undefined) {
    throw new PressroomError('bad_option', `--weight ${weight}: ${alias} is split between ${other.revision} and ${second.revision} already; settle that first: deploy one of them without --weight, or roll back`)
  }
  return [{ revision, weight }, { revision: other.revision, weight: 100 - weight }]
}

/** Shares as people read them: `3f2a… 10 %, 9c1b… 90 %`. */
export function tellShares(shares: readonly AliasShare[]): string {
  return shares.map(({ revision, weight }) => `${revision} ${weight} %`).join(', ')
}
