import type { Invocation } from '../../contract/invocation.ts'
import { LIVE, pickShare, pointOf } from './alias.ts'
import type { Serving } from '../serving.ts'

/** How calls of one alias are told apart. */
export interface ChooserOptions {
  /** Cookies that name a caller where no `pressroom-key` does; the first that came counts. */
  cookies: readonly string[]
  /** From 0 to less than 1: for callers who bring no key. */
  random(): number
}

/**
 * Sets an invocation's revision, and its alias (default `live`), before anything else looks at it: what it may use and what it costs
 * depend on it. The same key gets the same revision while the weights stay.
 */
export function createChooser(serving: ReadonlyMap<string, Serving>, { cookies, random }: ChooserOptions): (invocation: Invocation) => void {
  const keyOf = ({ key, event }: Invocation): string | undefined => {
    if (key !== undefined || event.type !== 'fetch') return key
    for (let i = 0; i < event.headers.length; i += 2) {
      if (event.headers[i] !== 'cookie') continue
      for (const pair of event.headers[i + 1]!.split(';')) {
        const at = pair.indexOf('=')
        if (at > 0 && cookies.includes(pair.slice(0, at).trim())) return pair.slice(at + 1).trim()
      }
    }
    return undefined
  }
  return (invocation) => {
    const at = serving.get(invocation.function)
    if (!at || invocation.revision !== undefined) return
    const shares = at.aliases.get((invocation.alias ??= LIVE))?.state.revisions
    if (shares === undefined) return
    if (shares.length === 1) {
      invocation.revision = shares[0]!.revision
      return
    }
    const key = keyOf(invocation)
    invocation.revision = pickShare(shares, key === undefined ? random() * 100 : pointOf(at.name, key))
  }
}
