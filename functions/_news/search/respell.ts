import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'

/** Words of the index that are compared with one that is not in it. */
const COMPARED = 20_000
/** Shorter words have too many neighbours. */
const SHORTEST = 4

/**
 * A query with each word that no article has put right, by the commonest word one slip away (two in long ones) that begins alike;
 * undefined where nothing comes near.
 */
export async function respelt(db: NewsDatabase, query: string, words: readonly string[]): Promise<string | undefined> {
  let corrected = query
  for (const word of words) {
    const plain = word.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '')
    if (plain.length < SHORTEST || !/^[\p{L}\p{N}]+$/u.test(plain)) continue
    const { rows: there } = await sql`SELECT 1 FROM article_text WHERE article_text MATCH ${`"${plain}" *`} LIMIT 1`.execute(db)
    if (there.length > 0) continue
    const begin = plain.slice(0, 1)
    const { rows } = await sql<{ term: string; doc: number }>`
      SELECT term, doc FROM article_word WHERE term >= ${begin} AND term < ${`${begin}\u{10ffff}`} AND length(term) BETWEEN ${plain.length - 3} AND ${plain.length + 2}
      LIMIT ${COMPARED}`.execute(db)
    const most = plain.length > 7 ? 2 : 1
    let best: { term: string; doc: number; slips: number } | undefined
    for (const { term, doc } of rows) {
      // The index has stems: an ending is no slip.
      const slips = Math.min(distance(plain, term, most), distance(plain.slice(0, term.length), term, most), distance(plain.replace(/(?:ing|ed|es|s|e|y)$/, ''), term, most))
      if (slips > most) continue
      if (best === undefined || slips < best.slips || (slips === best.slips && doc > best.doc)) best = { term, doc, slips }
    }
    if (best !== undefined) corrected = corrected.replace(word, best.term)
  }
  return corrected === query ? undefined : corrected
}

/** Letters to be added, removed, changed or swapped to make one word of another; more than `most` is told as `most + 1`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    ;[before, last] = [last, row]
  }
  return last[b.length]!
}
