import { resolveConfig } from '../../src/contract/function-config.ts'
import type { FunctionConfig, HandlerName } from '../../src/contract/function.ts'
import type { DeployedFunction } from '../../src/host/deployed.ts'
import type { StoredRevision } from '../../src/ports/deployments.ts'
import type { Made, MemoryHost } from './memory-host.ts'

/** A function that answers every call with `text`. */
export function answering(text: string, config: FunctionConfig = {}): Made {
  return { handlers: { fetch: async () => new Response(text) as never }, config }
}

/** What a host keeps of a revision, and what serves it. */
export function uploadOf(name: string, revision: string, { handlers, config }: Made, at: number): { stored: StoredRevision; deployed: DeployedFunction } {
  const names = (['fetch', 'scheduled', 'queue'] as const).filter((handler) => handlers[handler]) satisfies HandlerName[]
  const resolved = resolveConfig(name, name, config, names)
  const code = { name, revision, file: '', memory: resolved.memory, native: false, outbound: 'public', timeoutMs: resolved.timeout * 1000, bindings: {} } as const
  return {
    stored: { function: name, revision, at, sha256: revision, bytes: 1, main: 'main.js', handlers: names, config },
    deployed: { name, file: name, revision, handlers: names, config: resolved, code },
  }
}

/** Code of the revisions of `greet`, as instances find it. */
export function codeOf(revisions: Record<string, Made>): Record<string, Made> {
  return Object.fromEntries(Object.entries(revisions).map(([revision, made]) => [`greet@${revision}`, made]))
}

/** Uploads the revisions of `greet` one after the other. */
export async function uploadAll({ host }: MemoryHost, revisions: Record<string, Made>): Promise<void> {
  let at = 1
  for (const [revision, made] of Object.entries(revisions)) {
    host.shelf.reserve('greet')
    const { stored, deployed } = uploadOf('greet', revision, made, at++)
    await host.shelf.add(stored, deployed)
  }
}

/** An alias that one revision serves alone. */
export function all(revision: string): { revisions: { revision: string; weight: number }[] } {
  return { revisions: [{ revision, weight: 100 }] }
}

/** An alias with one revision on trial. */
export function split(trial: string, weight: number, other: string, gate?: object): object {
  return { revisions: [{ revision: trial, weight }, { revision: other, weight: 100 - weight }], ...(gate ? { gate } : {}) }
}

/** Calls a function and tells what came back: its words, or the code of the failure. */
export async function ask(at: MemoryHost, about: { function?: string; key?: string; alias?: string; headers?: string[] } = {}): Promise<string> {
  const { key, alias, headers } = about
  const invocation = { ...at.call(about.function ?? 'greet'), ...(key ? { key } : {}), ...(alias ? { alias } : {}) }
  if (headers && invocation.event.type === 'fetch') invocation.event.headers = headers
  const run = at.host.invoke(invocation)
  await at.clock.advance(1)
  const head = await run.head
  await run.settled
  return head.type === 'response' ? new TextDecoder().decode(head.body as Uint8Array) : head.type === 'failure' ? head.code : head.type
}

/** For `assert.rejects`: an error with this code. */
export function code(expected: string): (error: { code?: string }) => boolean {
  return (error) => error.code === expected
}
