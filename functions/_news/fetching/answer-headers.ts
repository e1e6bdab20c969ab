/** How long a server asks to be left alone, by `Retry-After` in seconds or as a date; undefined where it does not say. Milliseconds. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const header = headers.get('retry-after')?.trim()
  if (header === undefined || header === '') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return ms > 0 ? ms : undefined
}

/** How long an answer stays fresh: the longer of `Cache-Control: max-age` less its `Age`, and `Expires` less `Date`; undefined where it does not say. Milliseconds. */
export function freshMs(headers: Headers, now: number): number | undefined {
  const control = headers.get('cache-control') ?? ''
  if (/\bno-(?:store|cache)\b/i.test(control)) return undefined
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/i.exec(control)?.[1]
  const byAge = maxAge === undefined ? 0 : (Number(maxAge) - (Number(headers.get('age')) || 0)) * 1000
  const date = Date.parse(headers.get('date') ?? '')
  const byDate = Date.parse(headers.get('expires') ?? '') - (Number.isFinite(date) ? date : now)
  const longest = Math.max(byAge, Number.isFinite(byDate) ? byDate : 0)
  return longest > 0 ? longest : undefined
}
