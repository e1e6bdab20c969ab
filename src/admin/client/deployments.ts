import type { Gate, Share } from '../../ports/deployments.ts'
import { createCaller, isObject } from './call.ts'

/** Bytes of an upload that are sent at a time. */
const PART_BYTES = 256 * 1024

/** A part of the calls of an alias. */
export type AliasShare = Share

/** What wakes a function, by kind (`routes`, `schedules`, `queues`, `buckets`): the word itself, or an object that has it. */
export type FunctionTriggers = Record<string, readonly (string | Readonly<Record<string, unknown>>)[]>

/** A revision as it is listed. */
export interface RevisionRow {
  revision: string
  /** ISO 8601 UTC. */
  at: string
  bytes: number
  main: string
  handlers: string[]
}

/** What an alias points at, since when and why. */
export interface AliasRow {
  revisions: Share[]
  gate: Gate | null
  /** ISO 8601 UTC. */
  at: string
  why: string
}

/** Deploying through the operator's API. Every call rejects with a PressroomError that names the way out. */
export interface DeployClient {
  /** The host's address. */
  base: string
  /** Sends an upload's body; `sent` is told how many bytes have gone. */
  upload(name: string, body: string, sent?: (bytes: number) => void): Promise<{ revision: string }>
  revisions(name: string): Promise<RevisionRow[]>
  deleteRevision(name: string, revision: string): Promise<void>
  aliases(name: string): Promise<Record<string, AliasRow>>
  setAlias(name: string, alias: string, revisions: readonly Share[], gate?: Readonly<Record<string, number>>): Promise<AliasRow>
  rollback(name: string, alias: string): Promise<AliasRow>
  /** What wakes it, and who says so: its config, or triggers that were set. */
  triggers(name: string): Promise<{ triggers: FunctionTriggers; from: 'config' | 'triggers' }>
  /** Kinds that are left out stay as they are; null: what its config says again. */
  setTriggers(name: string, triggers: FunctionTriggers | null): Promise<void>
}

/**
 * Makes a client for the host at `PRESSROOM_ADMIN_URL`, with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createDeployClient(env: Readonly<Record<string, string | undefined>>): DeployClient {
  const { base, call, list, stranger } = createCaller(env)
  const at = (name: string, ...rest: string[]) => ['/functions', name, ...rest].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/')
  const alias = (answer: Record<string, unknown>): AliasRow => {
    if (!Array.isArray(answer['revisions'])) throw stranger()
    return answer as unknown as AliasRow
  }
  return {
    base,
    async upload(name, body, sent) {
      const { revision } = await call(at(name, 'revisions'), { method: 'POST', body: sent ? inParts(body, sent) : new Blob([body]) })
      if (typeof revision !== 'string') throw stranger()
      return { revision }
    },
    revisions: async (name) => list<RevisionRow>(await call(at(name, 'revisions')), 'revisions'),
    deleteRevision: async (name, revision) => void (await call(at(name, 'revisions', revision), { method: 'DELETE' })),
    async aliases(name) {
      const { aliases } = await call(at(name, 'aliases'))
      if (!isObject(aliases)) throw stranger()
      return aliases as unknown as Record<string, AliasRow>
    },
    setAlias: async (name, which, revisions, gate) => alias(await call(at(name, 'aliases', which), { method: 'PUT', body: { revisions, ...(gate === undefined ? {} : { gate }) } })),
    rollback: async (name, which) => alias(await call(at(name, 'rollback'), { method: 'POST', body: { alias: which } })),
    async triggers(name) {
      const answer = await call(at(name, 'triggers'))
      if (!isObject(answer['triggers'])) throw stranger()
      return answer as unknown as { triggers: FunctionTriggers; from: 'config' | 'triggers' }
    },
    setTriggers: async (name, triggers) => void (await call(at(name, 'triggers'), triggers === null ? { method: 'DELETE' } : { method: 'PUT', body: triggers })),
  }
}

/** The body as a stream that tells how far it is. */
function inParts(body: string, sent: (bytes: number) => void): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(body)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      const part = bytes.subarray(at, at + PART_BYTES)
      if (part.byteLength === 0) return controller.close()
      at += part.byteLength
      sent(at)
      controller.enqueue(part)
    },
  }, { highWaterMark: 0 })
}
