import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { distance, neighbours } from './slips.ts'

/** Words that are put right at most. */
const MOST_WORDS = 3
/** Shorter words have too many neighbours; longer ones are no words. */
const [SHORTEST, LONGEST] = [4, 24]
/** Words from this length on may have two slips; then they begin alike, by so many letters. */
const LONG = 8
const ALIKE = 3
/** Neighbours are told apart by how many articles have them, up to so many. */
const COUNTED = 1000
/** Words of the index that are compared with one. */
const COMPARED = 2000

/**
 * A query with each word that no article has put right: by the commonest word one slip away, else, where it
 * is long, by one two slips away, else by the word that it begins with. Undefined where nothing comes near.
 */
export async function respelt(db: NewsDatabase, query: string, words: readonly string[]): Promise<string | undefined> {
  let corrected = query
  let put = 0
  for (const word of words) {
    const bare = word.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '')
    const plain = /^[a-z]+$/.test(bare) ? bare : word.toLowerCase()
    if (put === MOST_WORDS || plain.length < SHORTEST || plain.length > LONGEST || !/^\p{L}+$/u.test(plain)) continue
    const { rows: there } = await sql`SELECT 1 FROM article_text WHERE article_text MATCH ${`{title summary} : ("${plain}" *)`} LIMIT 1`.execute(db)
    if (there.length > 0) continue
    put++
    const best = await commonest(db, neighbours(plain)) ?? (plain.length < LONG ? undefined : await twoSlips(db, plain)) ?? await longest(db, plain)
    if (best !== undefined) corrected = corrected.replace(word, best)
  }
  return corrected === query ? undefined : corrected
}

/** In how many articles each of some words is, up to `most`, by their stems; those in none are left out. */
async function countsOf(db: NewsDatabase, words: readonly string[], most: number): Promise<{ word: string; docs: number }[]> {
  const { rows } = await sql<{ word: string; docs: number }>`
    SELECT word, docs FROM (
      SELECT value AS word, (SELECT count(*) FROM (SELECT 1 FROM article_text WHERE article_text MATCH '{title summary} : "' || value || '"' LIMIT ${most})) AS docs
      FROM json_each(${JSON.stringify(words)}))
    WHERE docs > 0`.execute(db)
  return rows
}

async function commonest(db: NewsDatabase, words: readonly string[]): Promise<string | undefined> {
  const found = await countsOf(db, words, COUNTED)
  return found.toSorted((a, b) => b.docs - a.docs || b.word.length - a.word.length)[0]?.word
}

/** The longest beginning of a word that is a word: what is half typed may be longer than the stem it is found by. */
async function longest(db: NewsDatabase, plain: string): Promise<string | undefined> {
  const shortest = Math.max(SHORTEST, Math.ceil(plain.length / 2))
  const beginnings = Array.from({ length: Math.max(0, plain.length - shortest) }, (_, i) => plain.slice(0, plain.length - 1 - i))
  return (await countsOf(db, beginnings, 1))[0]?.word
}

async function twoSlips(db: NewsDatabase, plain: string): Promise<string | undefined> {
  const begin = plain.slice(0, ALIKE)
  const { rows } = await sql<{ term: string; doc: number }>`
    SELECT term, doc FROM article_word WHERE term >= ${begin} AND term < ${`${begin}\u{10ffff}`} AND col IN ('title', 'summary') AND length(term) BETWEEN ${plain.length - 5} AND ${plain.length + 2}
    LIMIT ${COMPARED}`.execute(db)
  let best: { term: string; doc: number; slips: number } | undefined
  for (const { term, doc } of rows) {
    // The index has stems: an ending is no slip.
    const slips = Math.min(distance(plain, term, 2), distance(plain.replace(/(?:ing|ed|es|s|e|y)$/, ''), term, 2), term.length < plain.length - 3 ? 3 : distance(plain.slice(0, term.length), term, 2))
    if (slips <= 2 && (best === undefined || slips < best.slips || (slips === best.slips && doc > best.doc))) best = { term, doc, slips }
  }
  return best?.term
}
