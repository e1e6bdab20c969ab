/** Parameters that tell where a reader came from, and nothing of what is shown. */
const TRACKING = /^(?:utm_\w+|at_(?:medium|campaign|custom\d?|link_\w+|bbc_team|format|ptr_\w+)|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|ito|ns_\w+|cmp(?:id)?|cid|ocid|icid|smid|smtyp|partner|emc|sref|ref(?:_?src|errer)?|rss(?:_id)?|xtor|wt\.\w+|_ga|_gl|spm|src|source)$/i

/**
 * An address as pages are compared by: without tracking parameters, fragment, default port and the slash at its end; `https` for both.
 * Parameters keep their order, since some sites read it.
 */
export function pageOf(address: string): string {
  const url = URL.parse(address)
  if (url === null) return address
  const kept = [...url.searchParams].filter(([name]) => !TRACKING.test(name))
  const query = kept.length === 0 ? '' : `?${new URLSearchParams(kept).toString()}`
  return `https://${url.host}${url.pathname.replace(/(?<=.)\/$/, '')}${query}`
}
