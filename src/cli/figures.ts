/** Dollars with as many digits as they need: whole calls cost millionths. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd >= 1) return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
  return `$${usd.toLocaleString('en-US', { maximumSignificantDigits: 4, maximumFractionDigits: 12 })}`
}

/** A figure with separated thousands and at most `digits` decimals, default 3. */
export function figure(value: number, digits = 3): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
