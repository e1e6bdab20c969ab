import type { InvocationReport, LogFields, LogLevel } from '../../../ports/log.ts'

/** One line for machines: JSON, without what a terminal would obey. */
export function toJson(time: string, level: LogLevel, fields: LogFields, message: string): string {
  return harmless(JSON.stringify({ time, level, ...fields, message }))
}

/** The same for people: time, level, origin, message and further fields; a message of several lines keeps them, indented. */
export function toText(time: string, level: LogLevel, fields: LogFields, message: string): string {
  const { function: name, revision: _, invocation, ...others } = fields
  const origin = name === undefined ? '' : ` ${name}${invocation ? ` ${invocation}` : ''}`
  const rest = Object.entries(others).filter(([, value]) => value !== undefined).map(([key, value]) => ` ${key}=${value}`).join('')
  return plainText(`${time} ${level.padEnd(5)}${origin} ${message}${rest}`)
}

/** Text that a terminal shows as it is: control characters are escaped, line ends kept with an indent. */
export function plainText(text: string): string {
  return text.split('\n').map((part) => harmless(JSON.stringify(part).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\'))).join('\n  ')
}

/** Tabs between the parts, one at the end: the shape that log readers for Lambda know. */
export function reportLine({ invocation, function: name, outcome, runMs, billedMs, memoryMib, maxMemoryBytes, initMs }: InvocationReport): string {
  const init = initMs === undefined ? '' : `Init Duration: ${initMs.toFixed(2)} ms\t`
  const used = Math.ceil(maxMemoryBytes / 1024 ** 2)
  return (
    `REPORT RequestId: ${invocation}\tDuration: ${runMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\t` +
    `Memory Size: ${memoryMib} MB\tMax Memory Used: ${used} MB\t${init}Function: ${name}\tOutcome: ${outcome}\t`
  )
}

/** Escapes what JSON leaves alone but terminals and editors obey: C1 controls, line separators, direction marks. */
function harmless(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
