import { isPublicAddress, parseAddress } from './addresses.ts'
import { OutboundError } from './outbound-error.ts'
import { allows, denies } from './rules.ts'
import type { OutboundRule } from './rules.ts'

/** What a function may reach. */
export interface OutboundPolicy {
  /** `none`: nothing at all, whatever `allow` says. */
  mode: 'public' | 'none'
  /** Reachable although not public. */
  allow: OutboundRule[]
  /** Never reachable, whatever `allow` says. */
  deny: OutboundRule[]
}

/**
 * Judges one address that a host name stands for; answers the refusal, or undefined when it may be reached.
 * Every port of a public address may be reached: a port number says nothing about what listens there, and feeds and
 * APIs do live on 8080 and 8443. (`fetch` itself refuses the ports of mail, IRC and the like.)
 */
export function judgeAddress(policy: OutboundPolicy, host: string, address: string, port: number): OutboundError | undefined {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (policy.mode === 'none') return refusedByConfig(target)
  const parsed = parseAddress(address)
  if (!parsed) return new OutboundError('outbound_refused', `fetch: ${target} was resolved to "${address}", which is not an address`)
  if (policy.deny.some((rule) => denies(rule, host, parsed, port))) {
    return new OutboundError('outbound_refused', `fetch: ${target} (${address}) is a port of the host's operator, which functions never reach`)
  }
  if (isPublicAddress(address) || policy.allow.some((rule) => allows(rule, host, parsed, port))) return undefined
  return new OutboundError(
    'outbound_refused',
    `fetch: ${target} (${address}) is not a public address; the host's operator can allow it with --allow-outbound ${target}`,
  )
}

/** The refusal of a function whose own config asks for no outbound requests. */
export function refusedByConfig(target: string): OutboundError {
  const message = `fetch: this function has outbound: 'none', so ${target} is not reached; set outbound: 'public' in its config`
  return new OutboundError('outbound_refused', message)
}
