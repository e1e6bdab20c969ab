let offset = performance.timeOrigin

/**
 * Milliseconds since 1970 with fractions, steady over short times: what spans of several processes are laid side by side
 * with. Follows the machine's clock when that is set, or has drifted apart.
 */
export function wallNow(): number {
  const now = performance.now() + offset
  const told = Date.now()
  if (now >= told - 1 && now < told + 2) return now
  offset += told - now
  return told
}
