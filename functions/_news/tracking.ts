/** Parameters that tell where a reader came from, whatever stands in them. */
const always = /^(?:utm_\w+|at_(?:medium|campaign|custom\d?|link_\w+|bbc_team|format|ptr_\w+)|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|vero_id|ito|ns_\w+|cmpid|ocid|icid|smid|smtyp|sref|xtor|wt[._]\w+|_ga|_gl|spm|guccounter)$/i
/** Those that do so only where a word stands in them: many sites know their pages by a number or a code under such a name. */
const byWord = /^(?:ref(?:_?src|errer)?|src|source|partner|emc|cmp|cid|rss(?:_id)?)$/i
const word = /^(?:[a-z_-]*|rss.*)$/i

function isTracking(parameter: string): boolean {
  const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? []
  return always.test(name) || (byWord.test(name) && word.test(value))
}

function without(parameters: string, sign: string): string {
  const kept = parameters.slice(1).split('&').filter((parameter) => !isTracking(parameter))
  return kept.every((parameter) => parameter === '') ? '' : `${sign}${kept.join('&')}`
}

/** An absolute address without what only tells where its reader came from; the rest of it stays as it is written. */
export function withoutTracking(address: string): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) ?? []
  // Some publishers put it behind the sign that begins a place in the page.
  const place = fragment.includes('=') ? without(fragment, '#') : fragment
  return query === '' && place === fragment ? address : `${path}${query === '' ? '' : without(query, '?')}${place}`
}
