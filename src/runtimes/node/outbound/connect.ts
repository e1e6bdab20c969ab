import { lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'
import { judgeAddress } from './judge.ts'
import type { OutboundPolicy } from './judge.ts'

/** Resolves a name to all of its addresses; `node:dns` `lookup` with `all: true`. */
export type ResolveAll = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Milliseconds for resolving, connecting and the TLS handshake together. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Makes the connector of every outgoing socket: all addresses of the name are resolved, one that may not be reached
 * refuses the whole name, and the socket goes to the addresses that were judged, never to a second lookup.
 * HTTP/1.1 alone: with one request per connection at a time, limits and aborts concern one request.
 */
export function guardedConnector(build: typeof buildConnector, policy: OutboundPolicy, resolve: ResolveAll = systemLookup): buildConnector.connector {
  // One connector per port, because the lookup has to know the port and a connector keeps the TLS sessions.
  const byPort = new Map<number, buildConnector.connector>()
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
    // A socket skips the lookup when the host is an address already.
    const refusal = isIP(host) !== 0 ? judgeAddress(policy, host, host, port) : undefined
    if (refusal) return queueMicrotask(() => callback(refusal, null))
    let connect = byPort.get(port)
    if (!connect) {
      connect = build({ allowH2: false, timeout: CONNECT_TIMEOUT_MS, host: '', port, lookup: guardedLookup(policy, port, resolve) })
      byPort.set(port, connect)
    }
    connect({ ...options, hostname: host }, callback)
  }
}

function guardedLookup(policy: OutboundPolicy, port: number, resolve: ResolveAll): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { all: true, hints: options.hints ?? 0, order: 'verbatim' }, (error, addresses) => {
      if (error) return callback(error, '')
      const first = addresses[0]
      if (!first) return callback(Object.assign(new Error(`fetch: ${host} has no address`), { code: 'ENOTFOUND' }), '')
      for (const { address } of addresses) {
        const refusal = judgeAddress(policy, host, address, port)
        if (refusal) return callback(refusal, '')
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
