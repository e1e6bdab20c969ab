import { InvalidArgumentError } from 'commander'

/** Headers as they were given on the command line. */
export type Headers = Record<string, string[]>

/** Adds one `--header 'name: value'` to those before. */
export function header(text: string, before: Headers = {}): Headers {
  const at = text.indexOf(':')
  if (at < 1) throw new InvalidArgumentError('expected "name: value".')
  const name = text.slice(0, at).trim().toLowerCase()
  return { ...before, [name]: [...(before[name] ?? []), text.slice(at + 1).trim()] }
}
