import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** One IPv4 or IPv6 address, parsed. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Addresses that lie in public space and still answer only inside one cloud or one network:
 * Azure's wire server, the anycast sinks of AS112, the relays of AMT and 6to4.
 */
const LOCAL_IN_DISGUISE = ['168.63.129.16/32', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.175.48.0/24']
  .map((network) => ipaddr.IPv4.parseCIDR(network))

/**
 * Reads an address as sockets understand it; an IPv4 address written as IPv6 (`::ffff:127.0.0.1`) becomes that IPv4
 * address, so that a rule about one is a rule about the other. Undefined for anything but an address.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare)
}

/**
 * True for addresses of the public internet alone. IPv6 counts only inside 2000::/3: outside of it `unicast` holds
 * addresses such as `::7f00:1` that no list of private ranges names. IPv4 in IPv6 clothes is never public.
 */
export function isPublicAddress(text: string): boolean {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const family = isIP(bare)
  if (family === 0) return false
  if (family === 4) {
    const address = ipaddr.IPv4.parse(bare)
    return address.range() === 'unicast' && !LOCAL_IN_DISGUISE.some((network) => address.match(network))
  }
  const address = ipaddr.IPv6.parse(bare)
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast'
}

/** True for addresses that end on this machine whatever its interfaces: loopback, and unspecified, which connects to loopback. */
export function isLocalhost(address: Address): boolean {
  const range = address.range()
  return range === 'loopback' || range === 'unspecified'
}

/** True when the network holds the address; IPv4 and IPv6 never hold each other. */
export function holds(network: Address, bits: number, address: Address): boolean {
  if (network instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(network, bits)
  return address instanceof ipaddr.IPv6 && address.match(network, bits)
}
