import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'

/** What `wrangler.toml` says to Cloudflare alone. */
export interface WorkersFile {
  compatibilityDate: string | undefined
  compatibilityFlags: readonly string[]
  /** Fields whose id is none. */
  placeholders: readonly string[]
  /** Names in `_registry.ts` beside the functions; undefined: there is none. */
  registered: readonly string[] | undefined
}

interface Content {
  compatibility_date?: unknown
  compatibility_flags?: unknown
  d1_databases?: { binding?: unknown; database_id?: unknown }[]
  kv_namespaces?: { binding?: unknown; id?: unknown }[]
}

/** Reads it; the file has been checked already. */
export function readWorkersFile(path: string | undefined, functionsFolder: string): WorkersFile {
  const content: Content = path === undefined ? {} : (parse(readFileSync(path, 'utf8')) as Content)
  const empty = (id: unknown) => id === undefined || (typeof id === 'string' && /^[0-]*1?$/.test(id))
  const registry = join(functionsFolder, '_registry.ts')
  const { compatibility_date: date, compatibility_flags: flags } = content
  return {
    compatibilityDate: date === undefined ? undefined : String(date),
    compatibilityFlags: Array.isArray(flags) ? flags.map(String) : [],
    placeholders: [
      ...(content.d1_databases ?? []).filter((one) => empty(one.database_id)).map((one) => `database_id of ${String(one.binding)}`),
      ...(content.kv_namespaces ?? []).filter((one) => empty(one.id)).map((one) => `id of ${String(one.binding)}`),
    ],
    registered: existsSync(registry) ? [...readFileSync(registry, 'utf8').matchAll(/\{ *name: '([^']+)'/g)].map(([, name]) => name!) : undefined,
  }
}

/**
 * Puts other crons into the text of a `wrangler.toml`; everything else stays as it is, comments included.
 * @returns the text with `[triggers] crons` replaced, or added at its end
 */
export function withCrons(text: string, crons: readonly string[]): string {
  const list = `crons = [${crons.map((cron) => JSON.stringify(cron)).join(', ')}]`
  const table = /^\[triggers\][^\S\n]*(?:#[^\n]*)?\n/m.exec(text)
  if (table === null) return `${text.trimEnd()}\n\n[triggers]\n${list}\n`
  const start = table.index + table[0].length
  const length = /^\s*\[/m.exec(text.slice(start))?.index ?? text.length - start
  const body = text.slice(start, start + length)
  const replaced = /^crons\s*=\s*\[[^\]]*\]/m.test(body) ? body.replace(/^crons\s*=\s*\[[^\]]*\]/m, () => list) : `${list}\n${body}`
  return text.slice(0, start) + replaced + text.slice(start + length)
}
