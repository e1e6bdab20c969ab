/** How long a server asks to be left alone, by `Retry-After` in seconds or as a date; undefined where it does not say. Milliseconds. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const header = headers.get('retry-after')?.trim()
  if (header === undefined || header === '') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

/** How long an answer stays fresh: `Cache-Control: max-age` less its `Age`, else `Expires` less `Date`; undefined where it does not say. Milliseconds. */
export function freshMs(headers: Headers, now: number): number | undefined {
  const control = headers.get('cache-control') ?? ''
  if (/\bno-(?:store|cache)\b/i.test(control)) return undefined
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/i.exec(control)?.[1]
  if (maxAge !== undefined) return positive((Number(maxAge) - (Number(headers.get('age')) || 0)) * 1000)
  const expires = Date.parse(headers.get('expires') ?? '')
  const date = Date.parse(headers.get('date') ?? '')
  return positive(expires - (Number.isFinite(date) ? date : now))
}

function positive(ms: number): number | undefined {
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
