/** A source that could not be refreshed, and why. */
export interface Failure {
  title: string
  words: string
}

const named = 10

// Titles and reasons hold what others wrote: one line, cut.
function brief(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

/** The line that tells how fetching went: how many sources were asked, and which of them failed, at most ten by name. */
export function ingestReport(asked: number, failures: readonly Failure[], ms: number): string {
  const line = `ingest: ${counted(asked)} asked in ${ms} ms, ${failures.length} failed`
  if (failures.length === 0) return line
  const told = failures.slice(0, named).map(({ title, words }) => `${brief(title, 60)} (${brief(words, 120)})`)
  const rest = failures.length > named ? `; and ${failures.length - named} more, see GET /sources` : ''
  return `${line}: ${told.join('; ')}${rest}`
}

/** The line that tells how a tick went: how many sources it found due, and sent on to be asked. */
export function tickReport(sent: number, ms: number): string {
  return `ingest: ${counted(sent)} due, sent on in ${ms} ms`
}

function counted(sources: number): string {
  return `${sources} ${sources === 1 ? 'source' : 'sources'}`
}
