import { networkInterfaces } from 'node:os'
import { PressroomError } from '../../../contract/errors.ts'
import { holds, isLocalhost, parseAddress } from './addresses.ts'
import type { Address } from './addresses.ts'

/** One entry of an allow or deny list: a host name or a network, at one port or at all. */
export interface OutboundRule {
  port?: number
  /** Lower case, without the final dot. */
  host?: string
  network?: { base: Address; bits: number }
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/

/**
 * Reads `HOST[:PORT]` and `CIDR[:PORT]` entries (`news.lan`, `10.0.0.0/8:8080`, `[fd00::/8]:443`, `::1`).
 * @param option the option that the entries came from, for the message
 * @throws PressroomError `bad_option` with the entry and what it should look like
 */
export function parseOutboundRules(entries: readonly string[], option = '--allow-outbound'): OutboundRule[] {
  return entries.map((entry) => parseRule(entry.trim(), option))
}

function parseRule(entry: string, option: string): OutboundRule {
  const bad = (why: string) =>
    new PressroomError('bad_option', `${option}: "${entry}" ${why}; expected HOST[:PORT] or CIDR[:PORT], such as news.lan:8080 or 10.0.0.0/8`)
  const [target, portText] = splitPort(entry)
  const rule: OutboundRule = {}
  if (portText !== undefined) {
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0
    if (port < 1 || port > 65_535) throw bad(`has the port "${portText}", not one of 1–65535`)
    rule.port = port
  }
  const [text = '', bitsText] = target.split('/', 2)
  const base = parseAddress(text)
  if (base !== undefined) {
    const widest = base.kind() === 'ipv4' ? 32 : 128
    const bits = bitsText === undefined ? widest : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Infinity
    if (bits > widest || target.split('/').length > 2) throw bad(`has a prefix other than 0–${widest}`)
    return { ...rule, network: { base, bits } }
  }
  if (target.includes('/')) throw bad('is neither a network nor a host (a URL does not belong here)')
  if (target.includes('*')) throw bad('has a wildcard, which is not supported (a network can be given instead: 0.0.0.0/0)')
  const host = plainHost(target)
  if (/^[\d.]+$/.test(host) || !HOST_NAME.test(host)) throw bad('is neither an address nor a host name')
  return { ...rule, host }
}

/** Colons are ambiguous in IPv6: a port follows brackets, a prefix length, or a text with no other colon. */
function splitPort(entry: string): [string, string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(entry)
  if (bracketed) return [bracketed[1] ?? '', bracketed[2]]
  const afterPrefix = /^([^/]*\/\d+):(.*)$/.exec(entry)
  if (afterPrefix) return [afterPrefix[1] ?? '', afterPrefix[2]]
  const colon = entry.indexOf(':')
  if (colon === -1 || entry.includes(':', colon + 1)) return [entry, undefined]
  return [entry.slice(0, colon), entry.slice(colon + 1)]
}

/** The form in which host names are compared: lower case, no final dot. */
export function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

/** True when an allow rule covers this address as reached by this name. */
export function allows(rule: OutboundRule, host: string, address: Address, port: number): boolean {
  if (rule.port !== undefined && rule.port !== port) return false
  if (rule.network) return holds(rule.network.base, rule.network.bits, address)
  return rule.host === plainHost(host)
}

/**
 * True when a deny rule covers this address. Wider than `allows`, since it protects a port of this machine: every
 * spelling of loopback counts as one, and an unspecified address (`0.0.0.0:8788`) or a name stands for all addresses
 * of this machine.
 */
export function denies(rule: OutboundRule, host: string, address: Address, port: number): boolean {
  if (rule.port !== undefined && rule.port !== port) return false
  if (rule.host !== undefined) return rule.host === plainHost(host) || isThisMachine(address)
  if (!rule.network) return false
  const { base, bits } = rule.network
  if (base.range() === 'unspecified') return isThisMachine(address)
  if (base.range() === 'loopback' && isLocalhost(address)) return true
  return holds(base, bits, address)
}

function isThisMachine(address: Address): boolean {
  if (isLocalhost(address)) return true
  const own = Object.values(networkInterfaces()).flat()
  return own.some((card) => card !== undefined && parseAddress(card.address)?.toString() === address.toString())
}
