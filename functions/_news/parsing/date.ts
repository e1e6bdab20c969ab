import { monthOf } from './months.ts'

// Minutes east of Greenwich.
const zones: Record<string, number> = {
  z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, bst: 60, ist: 330, west: 60, cet: 60, mez: 60, met: 60, cest: 120, mesz: 120, mest: 120, eet: 120,
  eest: 180, msk: 180, jst: 540, kst: 540, aest: 600, aedt: 660, nzst: 720, nzdt: 780, est: -300, edt: -240, et: -300, cst: -360, cdt: -300,
  ct: -360, mst: -420, mdt: -360, mt: -420, pst: -480, pdt: -420, pt: -480, akst: -540, akdt: -480, hst: -600, ast: -240, adt: -180,
  nst: -210, ndt: -150, brt: -180, art: -180, uyt: -180, clt: -240, bot: -240, cot: -300, pet: -300, wat: 60, cat: 120, sast: 120, eat: 180, trt: 180,
  irst: 210, gst: 240, msd: 240, pkt: 300, npt: 345, ict: 420, wib: 420, wita: 480, wit: 540, sgt: 480, myt: 480, hkt: 480, pht: 480, awst: 480,
  acst: 570, acdt: 630,
}

function zoneOf(text: string): number {
  const numeric = /([+-])(\d{1,2}):?(\d{2})?\b/.exec(text)
  if (numeric !== null) return (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3] ?? 0))
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g)) {
    const zone = zones[word]
    if (zone !== undefined) return zone
  }
  return 0
}

function instant(year: number, month: number, day: number, time: string): number | null {
  const [, hours = '0', minutes = '0', seconds = '0', fraction = '', half, rest = ''] =
    /^\D*?(\d{1,2})[:h.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,](\d+))?\s*([ap]\.?m\.?)?(.*)$/is.exec(time) ?? []
  let hour = Number(hours)
  if (half !== undefined) hour = (hour % 12) + (/^p/i.test(half) ? 12 : 0)
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return null
  const at = Date.UTC(year, month - 1, day, hour, Number(minutes), Number(seconds), Math.trunc(Number(`0.${fraction || 0}`) * 1000))
  // Without a time there is no zone either.
  return at - (time.trim() === '' ? 0 : zoneOf(rest) * 60_000)
}

function fullYear(text: string): number {
  const year = Number(text)
  return text.length > 2 ? year : year + (year < 70 ? 2000 : 1900)
}

// Years, months and days, and halves of the day, as they are written in China, Japan and Korea. Where Korean has no zone, it is Korea's.
function inDigits(text: string): string {
  if (!/[\u1100-\uffff]/.test(text)) return text
  const plain = text
    .replace(/(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]/, '$1-$2-$3 ')
    .replace(/(\d{1,2})\s*[時时시点]\s*(\d{1,2})\s*[分분]\s*(?:(\d{1,2})\s*[秒초])?/, (_, hour, minute, second = '0') => `${hour}:${minute}:${second}`)
    .replace(/(?:오전|午前|上午)\s*([\d:]+)/, '$1 AM')
    .replace(/(?:오후|午後|下午)\s*([\d:]+)/, '$1 PM')
  return /[\uac00-\ud7a3]/.test(text) && /:\d{2}(?:\s*[AP]M)?\s*$/.test(plain) ? `${plain} KST` : plain
}

// The fourth of January is in the first week of its year.
function inWeek(year: number, week: number, day: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth + ((week - 1) * 7 + day - 1 - ((new Date(fourth).getUTCDay() + 6) % 7)) * 86_400_000
}

function read(text: string): number | null {
  const seconds = /^(\d{10})(?:\.\d+)?$/.exec(text)
  if (seconds !== null) return Math.trunc(Number(text) * 1000)
  const milliseconds = /^(?:\/Date\()?(\d{13})(?:[+-]\d{4})?(?:\)\/)?$/.exec(text)
  if (milliseconds !== null) return Number(milliseconds[1])
  // 2024-05-01T10:00:00+02:00 and what is near it: spaces, slashes, no seconds, no zone, no day.
  const iso = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)(.*)$/s.exec(text)
  if (iso !== null) return instant(Number(iso[1]), Number(iso[2]), Number(iso[3] ?? 1), (iso[4] ?? '').replace(/^\s*[Tt,]?\s*(?:[A-Za-z]{3,9}\s+)?/, ''))
  const basic = /^(\d{4})(\d{2})(\d{2})(?:[T\s]?(\d{2})(\d{2})(\d{2})?(.*))?$/s.exec(text)
  if (basic !== null) {
    const [, year, month, day, hour, minute, second = '00', zone = ''] = basic
    return instant(Number(year), Number(month), Number(day), hour === undefined ? '' : `${hour}:${minute}:${second}${zone}`)
  }
  const week = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/.exec(text)
  if (week !== null) return inWeek(Number(week[1]), Number(week[2]), Number(week[3] ?? 1))
  // 2004-Oct-13, 2004. július 13.
  const named = /^(\d{4})[-./\s]+(\p{L}{3,})[-./\s]+(\d{1,2})(?!\d)\.?,?(.*)$/su.exec(text)
  const namedMonth = monthOf(named?.[2] ?? '')
  if (named !== null && namedMonth !== undefined) return instant(Number(named[1]), namedMonth, Number(named[3]), (named[4] ?? '').replace(/^\s*T?/, ''))
  // The year may be short.
  const short = /^(\d{2})-(\d{2})-(\d{2})$/.exec(text)
  if (short !== null) return instant(fullYear(short[1] ?? ''), Number(short[2]), Number(short[3]), '')
  const ordinal = /^(\d{4})-?(\d{3})(?!\d)(.*)$/s.exec(text)
  if (ordinal !== null && Number(ordinal[2]) <= 366) {
    const start = instant(Number(ordinal[1]), 1, 1, (ordinal[3] ?? '').replace(/^\s*T?/i, ''))
    return start === null ? null : start + (Number(ordinal[2]) - 1) * 86_400_000
  }
  // Thu, 01 Jan 2004 19:48:21 GMT and what is near it.
  const mail = /(\d{1,2})(?:st|nd|rd|th|\.|er|º)?[\s-]+(?:de\s+)?(\p{L}{3,})\.?,?[\s-]+(?:de\s+)?(\d{4}|\d{2})(?!\d|:)(.*)$/su.exec(text)
  const mailMonth = monthOf(mail?.[2] ?? '')
  if (mail !== null && mailMonth !== undefined) return instant(fullYear(mail[3] ?? ''), mailMonth, Number(mail[1]), mail[4] ?? '')
  // Thu Jan 01 19:48:21 GMT 2004; Jan 1, 2004 7:48 PM.
  const long = /(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(.*)$/su.exec(text)
  const longMonth = monthOf(long?.[1] ?? '')
  if (long !== null && longMonth !== undefined) return instant(Number(long[3]), longMonth, Number(long[2]), long[4] ?? '')
  const clock = /(\p{L}{3,})\.?\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?.*?)\s(\d{4})\s*$/su.exec(text)
  const clockMonth = monthOf(clock?.[1] ?? '')
  if (clock !== null && clockMonth !== undefined) return instant(Number(clock[4]), clockMonth, Number(clock[2]), clock[3] ?? '')
  // 31.12.2003 has its day first everywhere; 12/31/2003 is American unless it cannot be.
  const digits = /^(?:\p{L}+,?\s+)?(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)$/su.exec(text)
  if (digits !== null) {
    const [, first = '', sign, second = '', year = '', time = ''] = digits
    const american = sign === '/' && Number(first) <= 12
    return instant(fullYear(year), Number(american ? first : second), Number(american ? second : first), time)
  }
  if (/^\d{4}$/.test(text)) return Date.UTC(Number(text), 0, 1)
  return null
}

/**
 * The time that a text of a feed names, in milliseconds since 1970: RFC 822 and ISO 8601 with all the liberties that real feeds take
 * (names of zones, two-digit years, other languages' months and signs, no seconds, day first); null where it names none, or one before 1970.
 * A time without a zone is UTC.
 */
export function dateOf(text: string | undefined): number | null {
  const plain = inDigits((text ?? '').trim().slice(0, 100).replaceAll('\u2212', '-'))
  const at = plain === '' ? null : read(plain)
  return at !== null && Number.isFinite(at) && at > 0 ? at : null
}
