import { withoutTracking } from '../tracking.ts'

/**
 * An address as pages are compared by: without tracking parameters, the name of a place in the page, default port and the slash at its end;
 * `https` for both. Parameters keep their order, since some sites read it.
 */
export function pageOf(address: string): string {
  const url = URL.parse(withoutTracking(address))
  return url === null ? address : `https://${url.host}${url.pathname.replace(/(?<=.)\/$/, '')}${url.search}`
}
