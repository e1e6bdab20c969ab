import type { Hints } from './schedule.ts'

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const periods: Record<string, number> = { hourly: 1, daily: 24, weekly: 168, monthly: 720, yearly: 8760 }
const hourMs = 3_600_000
const newest = 10
/** The elements that are looked for stand before the items, or behind them. */
const headLength = 65_536
const tailLength = 8_192

function channelOf(text: string): string {
  const first = text.search(/<(?:item|entry)\b/i)
  const head = text.slice(0, Math.min(first < 0 ? text.length : first, headLength))
  return first < 0 ? head : head + text.slice(Math.max(text.lastIndexOf('</item>'), text.length - tailLength))
}

function valueOf(channel: string, name: string): string | undefined {
  return new RegExp(`<${name}(?:\\s[^>]{0,200})?>\\s*([^<]{1,40})<`, 'i').exec(channel)?.[1]?.trim()
}

function listOf(channel: string, outer: string, inner: string): string[] {
  const from = channel.search(new RegExp(`<${outer}[\\s>]`, 'i'))
  if (from < 0) return []
  const to = channel.toLowerCase().indexOf(`</${outer.toLowerCase()}`, from)
  const part = channel.slice(from, to < 0 ? from + 2000 : to)
  return [...part.matchAll(new RegExp(`<${inner}(?:\\s[^>]{0,200})?>\\s*([^<]{1,20})<`, 'gi'))].map(([, value]) => value!.trim())
}

function ttlOf(channel: string): number {
  const ttl = /^\d{1,7}$/.test(valueOf(channel, 'ttl') ?? '') ? Number(valueOf(channel, 'ttl')) * 60_000 : 0
  const period = periods[valueOf(channel, 'sy:updatePeriod')?.toLowerCase() ?? ''] ?? 0
  const frequency = Number(valueOf(channel, 'sy:updateFrequency') ?? 1)
  return Math.max(ttl, (period * hourMs) / (frequency >= 1 ? frequency : 1))
}

/** Reads what a feed says of how often to come: `ttl`, `skipHours`, `skipDays`, the syndication module, and the dates of its newest items. */
export function hintsOf(text: string, dates: readonly (number | null)[], now: number): Hints {
  const channel = channelOf(text)
  const ttlMs = ttlOf(channel)
  const skipHours = listOf(channel, 'skipHours', 'hour').filter((value) => /^\d{1,2}$/.test(value) && Number(value) <= 24).map((value) => Number(value) % 24)
  const skipDays = listOf(channel, 'skipDays', 'day').map((value) => days.indexOf(value.toLowerCase())).filter((day) => day >= 0)
  const published = dates.filter((date) => date !== null).filter((date) => date <= now).toSorted((a, b) => b - a).slice(0, newest)
  return {
    ...(ttlMs > 0 ? { ttlMs } : {}),
    ...(skipHours.length > 0 ? { skipHours } : {}),
    ...(skipDays.length > 0 ? { skipDays } : {}),
    ...(published.length > 0 ? { published } : {}),
  }
}
