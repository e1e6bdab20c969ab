import { PressroomError } from '../../contract/errors.ts'
import type { Gate, Share } from '../../ports/deployments.ts'

/** The alias that routes, schedules and queues are served by. */
export const LIVE = 'live'

const NAME = /^[a-z][a-z0-9-]{0,31}$/
const GATE_FIELDS = ['calls', 'errorRate', 'p99', 'cost']

/** An alias as somebody asks for it. */
export interface AliasWish {
  revisions: Share[]
  gate: Gate | null
}

/**
 * Checks what an alias is to point at.
 * @throws PressroomError `bad_request` naming field, expected and found
 */
export function readAliasWish(alias: string, raw: unknown): AliasWish {
  if (!NAME.test(alias)) throw wrong('alias', 'a–z 0–9 -, beginning with a letter, at most 32', alias)
  if (!isRecord(raw)) throw wrong('body', '{"revisions":[{"revision","weight"}],"gate"?}', raw)
  const { revisions, gate } = raw
  if (!Array.isArray(revisions) || revisions.length < 1 || revisions.length > 2) throw wrong('revisions', 'one or two of {"revision","weight"}', revisions)
  const shares = revisions.map((share: unknown, index): Share => {
    const { revision, weight } = isRecord(share) ? share : {}
    if (typeof revision !== 'string') throw wrong(`revisions[${index}].revision`, 'the id of a revision', revision)
    if (!Number.isInteger(weight) || (weight as number) < 1 || (weight as number) > 100) throw wrong(`revisions[${index}].weight`, 'a whole per cent from 1 to 100', weight)
    return { revision, weight: weight as number }
  })
  const sum = shares.reduce((all, { weight }) => all + weight, 0)
  if (sum !== 100) throw wrong('revisions', 'weights that make 100 together', sum)
  if (shares.length === 2 && shares[0]!.revision === shares[1]!.revision) throw wrong('revisions', 'two different revisions', shares[0]!.revision)
  if (gate === undefined || gate === null) return { revisions: shares, gate: null }
  if (shares.length === 1) throw wrong('gate', 'no gate where one revision serves alone', gate)
  return { revisions: shares, gate: readGate(gate) }
}

/**
 * Orders shares: first the one on trial, which is the one that the alias did not serve before. While both stay, so does their order;
 * when both are new, the one that was uploaded later is on trial.
 */
export function inOrder(shares: readonly Share[], before: readonly Share[], uploadedAt: (revision: string) => number): Share[] {
  const rank = ({ revision }: Share) => {
    const at = before.findIndex((share) => share.revision === revision)
    return at < 0 ? -uploadedAt(revision) - 1 : at
  }
  return shares.toSorted((a, b) => rank(a) - rank(b))
}

function readGate(raw: unknown): Gate {
  if (!isRecord(raw)) throw wrong('gate', '{"calls","errorRate"?,"p99"?,"cost"?}', raw)
  const unknown = Object.keys(raw).find((key) => !GATE_FIELDS.includes(key))
  if (unknown !== undefined) throw wrong(`gate.${unknown}`, `one of ${GATE_FIELDS.join(', ')}`, unknown)
  const { calls, errorRate, p99, cost } = raw
  if (!Number.isInteger(calls) || (calls as number) < 1 || (calls as number) > 100_000) throw wrong('gate.calls', 'a whole number from 1 to 100000', calls)
  if (errorRate !== undefined && !within(errorRate, 0, 1)) throw wrong('gate.errorRate', 'a number from 0 to 1', errorRate)
  for (const [name, ratio] of [['p99', p99], ['cost', cost]] as const) {
    if (ratio !== undefined && !within(ratio, 1, 1000)) throw wrong(`gate.${name}`, "a number from 1 to 1000: how many times the other's", ratio)
  }
  if (errorRate === undefined && p99 === undefined && cost === undefined) throw wrong('gate', 'at least one of errorRate, p99 and cost', raw)
  return raw as unknown as Gate
}

/**
 * Chooses the share that a point falls to. The first has the low end, so that points move one way while its weight grows.
 * @param point from 0, less than 100
 */
export function pickShare(shares: readonly Share[], point: number): string {
  const [first, second] = shares
  return second === undefined || point < first!.weight ? first!.revision : second.revision
}

/** The point of a key, from 0 to less than 100: always the same for the same function and key. FNV-1a, then murmur3's finalizer. */
export function pointOf(name: string, key: string): number {
  let hash = 0x811c9dc5
  for (const text of [name, '\0', key]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 * 100
}

function within(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(field: string, expected: string, found: unknown): PressroomError {
  return new PressroomError('bad_request', `${field}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`)
}
