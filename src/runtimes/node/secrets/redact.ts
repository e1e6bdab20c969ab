import type { BindingSpec } from '../bindings/spec.ts'

/** Shorter values are not looked for: they would be found in everything. */
const SHORTEST = 6

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

const unchanged: Redact = (text) => text

/**
 * Makes what takes the values of a function's secrets out of its words: as they are, as JSON, in a URL and in base64. A function
 * without secrets pays nothing.
 */
export function createRedact(bindings: Readonly<Record<string, unknown>>): Redact {
  const found = Object.entries(bindings as Record<string, BindingSpec>).flatMap(([name, spec]) =>
    spec.type === 'secret' && spec.value.length >= SHORTEST ? formsOf(spec.value).map((form) => [form, `[secret ${name}]`] as const) : [],
  )
  if (found.length === 0) return unchanged
  // The longest first: a form may hold another.
  found.sort(([a], [b]) => b.length - a.length)
  return (text) => found.reduce((rest, [form, instead]) => (rest.includes(form) ? rest.replaceAll(form, instead) : rest), text)
}

function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64')
  const json = JSON.stringify(value).slice(1, -1)
  return [...new Set([value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value), base64, base64.replace(/=+$/, ''), Buffer.from(value).toString('base64url')])]
}
