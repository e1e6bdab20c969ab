import { PressroomError } from '../contract/errors.ts'

/** The error of a value that cannot be used: names it, what was expected and what was found. */
export function badOption(name: string, expected: string, found: unknown): PressroomError {
  const shown = typeof found === 'string' ? `"${found}"` : String(found)
  return new PressroomError('bad_option', `${name}: expected ${expected}, found ${shown}`)
}

/**
 * Reads a whole number between two bounds, both included.
 * @throws PressroomError `bad_option`
 */
export function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  const text = typeof value === 'number' ? String(value) : value
  const number = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= min && number <= max)) throw badOption(name, `a whole number from ${min} to ${max}`, value)
  return number
}

/**
 * Reads a text that is not empty and holds no control characters.
 * @throws PressroomError `bad_option`
 */
export function plainText(name: string, value: unknown, expected: string): string {
  if (typeof value !== 'string' || value.trim() === '' || /\p{Cc}/u.test(value)) throw badOption(name, expected, value)
  return value
}

/**
 * Reads a name or address to listen on, without scheme, port or brackets.
 * @throws PressroomError `bad_option`
 */
export function listenHost(name: string, value: unknown): string {
  const expected = 'a name or address such as 127.0.0.1, 0.0.0.0, ::1 or localhost'
  const text = plainText(name, value, expected)
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare)
  const isAddress6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?$/i.test(bare)
  if (!isName && !isAddress6) throw badOption(name, expected, value)
  return bare
}

/**
 * Reads a switch: true, false, or the words true, false, 1, 0.
 * @throws PressroomError `bad_option`
 */
export function onOrOff(name: string, value: unknown): boolean {
  if (value === true || value === 'true' || value === '1') return true
  if (value === false || value === 'false' || value === '0') return false
  throw badOption(name, 'true or false', value)
}

const unitBytes: Record<string, number> = { '': 1, B: 1, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3 }

/**
 * Reads a size in bytes: `100MiB`, `1.5GiB`, `65536`.
 * @throws PressroomError `bad_option`
 */
export function sizeBytes(name: string, value: unknown, minBytes: number, expected = 'a size such as 100MiB, 1GiB or 512KiB'): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]{0,3})$/i.exec(typeof value === 'number' ? String(value) : String(value ?? ''))
  const unit = unitBytes[match?.[2]?.toUpperCase() ?? '?']
  if (!match || unit === undefined) throw badOption(name, expected, value)
  const bytes = Math.floor(Number(match[1]) * unit)
  if (bytes < minBytes || bytes > Number.MAX_SAFE_INTEGER) throw badOption(name, `${expected}, at least ${minBytes} bytes`, value)
  return bytes
}

/**
 * Reads a share of the machine's memory (`70%`) or a size (`2GiB`), and answers bytes.
 * @throws PressroomError `bad_option` also when it is less than one small instance or more than the machine has.
 */
export function memoryBudget(name: string, value: unknown, totalBytes: number): number {
  const minBytes = 64 * 1024 ** 2
  const machineMiB = Math.floor(totalBytes / 1024 ** 2)
  const expected = `a share such as 70% or a size such as 2GiB, from 64MiB to this machine's ${machineMiB}MiB`
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(String(value))
  const bytes = percent ? Math.floor((totalBytes * Number(percent[1])) / 100) : sizeBytes(name, value, 0, expected)
  if (bytes < minBytes || bytes > totalBytes) throw badOption(name, expected, value)
  return bytes
}

/** Takes a comma-separated list apart; empty entries are dropped. What the entries mean is for the guard to say, at start. */
export function outboundList(_name: string, value: unknown): string[] {
  const parts = (Array.isArray(value) ? value : [value]).flatMap((part) => String(part).split(','))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/**
 * Reads an amount of US dollars, with a point for cents and less.
 * @throws PressroomError `bad_option`
 */
export function amount(name: string, value: unknown): number {
  const text = String(value)
  if (!/^\d{1,7}(\.\d{1,12})?$/.test(text)) throw badOption(name, 'an amount of US dollars such as 0.5 or 20', value)
  return Number(text)
}
