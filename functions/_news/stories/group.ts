import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { termsOf } from '../ranking/words.ts'
import { readSetting, writeSetting } from '../settings.ts'

/** An article that may tell of an event that is known already. */
export interface NewArticle {
  id: string
  /** Id of its source. */
  source: string
  title: string
  summary: string
  /** Milliseconds since 1970. */
  publishedAt: number
}

const HOUR = 3_600_000
/** Articles on one event appear within this time of each other. */
const WINDOW_MS = 48 * HOUR
/** Words of a summary that are looked at; a word of the title counts as much as three of them. */
const SUMMARY_CHARACTERS = 400
const TITLE_WEIGHT = 3
/** A word in more articles of the window than this, or than a share of them, finds none: what a source writes under everything is such a word. */
const COMMON = 40
const COMMON_SHARE = 0.25
/** Articles that are compared, each with this many rare words in common at least. */
const COMPARED = 20
const SHARED = 2
/** Likeness (cosine of TF-IDF) from which articles of two sources tell of one event; of one source, whose phrases are the same everywhere, it is that of titles. */
const ALIKE = 0.3
const TITLES_ALIKE = 0.5
/** What they share must also be as rare as this many words that no other article has. */
const EVIDENCE = 2.5
/** So much of it must stand in the title of one of them at least: what two sources write under everything says nothing of the event. */
const TITLE_EVIDENCE = 1.5

/**
 * Finds the stories that new articles of one source tell, by the words each shares with articles of the same two days (an index of words:
 * no pair is looked at that shares no rare one), and joins them; the others begin stories of their own.
 */
export async function joinStories(db: NewsDatabase, added: readonly NewArticle[]): Promise<void> {
  if (added.length === 0) return
  const own = new Map(added.map((article) => [article.id, weightsOf(article)]))
  const times = added.map(({ publishedAt }) => publishedAt)
  const [from, to] = [Math.min(...times) - WINDOW_MS, Math.max(...times) + WINDOW_MS]
  const { rows: [window] } = await sql<{ articles: number }>`SELECT count(*) AS articles FROM article WHERE published_at BETWEEN ${from} AND ${to}`.execute(db)
  const articles = window?.articles ?? 1
  const frequency = await frequencies(db, [...new Set([...own.values()].flatMap((weights) => [...weights.keys()]))], from, to)
  const most = Math.min(COMMON, Math.max(1, articles * COMMON_SHARE))
  const rare = [...frequency].filter(([, n]) => n > 0 && n <= most).map(([term]) => term)
  const postings = await sql<{ term: string; at: number; article: string }>`
    SELECT term, at, article FROM article_term JOIN json_each(${JSON.stringify(rare)}) ON term = value WHERE at BETWEEN ${from} AND ${to}`.execute(db)
  const byTerm = Map.groupBy(postings.rows, ({ term }) => term)
  const near = new Map(added.map(({ id, publishedAt }) => [id, mostShared(own.get(id)!, byTerm, publishedAt)]))
  const others = await wordsOf(db, [...new Set([...near.values()].flat())])
  const unknown = new Set([...others.values()].flatMap(({ weights }) => [...weights.keys()]).filter((term) => !frequency.has(term)))
  for (const [term, n] of await frequencies(db, [...unknown], from, to)) frequency.set(term, n)
  const rarity = (term: string) => Math.max(0, Math.log((articles + 1) / (1 + (frequency.get(term) ?? 0))))
  const joined = added.flatMap(({ id, source, publishedAt }) => {
    const story = mostAlike(own.get(id)!, source, near.get(id)!.flatMap((other) => others.get(other) ?? []), rarity, Math.log(articles + 1))
    return story === undefined || story === id ? [] : [{ id, story, at: publishedAt }]
  })
  const terms = added.flatMap(({ id, publishedAt }) => [...own.get(id)!].map(([term, weight]) => [term, publishedAt, id, weight]))
  await sql`
    INSERT INTO article_term (term, at, article, weight)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(${JSON.stringify(terms)}) WHERE true ON CONFLICT DO NOTHING`.execute(db)
  if (joined.length === 0) return
  const list = JSON.stringify(joined)
  await sql`
    UPDATE article SET story = (SELECT value ->> 'story' FROM json_each(${list}) WHERE value ->> 'id' = article.id)
    WHERE id IN (SELECT value ->> 'id' FROM json_each(${list}))`.execute(db)
  await sql`DELETE FROM story WHERE id IN (SELECT value ->> 'id' FROM json_each(${list}))`.execute(db)
  await sql`
    UPDATE story SET articles = articles + (SELECT count(*) FROM json_each(${list}) WHERE value ->> 'story' = story.id),
      updated_at = max(updated_at, (SELECT max(value ->> 'at') FROM json_each(${list}) WHERE value ->> 'story' = story.id))
    WHERE id IN (SELECT value ->> 'story' FROM json_each(${list}))`.execute(db)
}

const forgotten = 'terms_forgotten'

/** Forgets the words of some more articles that came so long ago that nothing new can be alike to them. */
export async function forgetTerms(db: NewsDatabase, now: number): Promise<void> {
  // Articles are numbered as they come: those up to this number have no words any more.
  const last = Number((await readSetting(db, forgotten)) ?? 0)
  const { rows } = await sql<{ seq: number; id: string }>`
    SELECT seq, id FROM (SELECT seq, id, first_seen FROM article WHERE seq > ${last} ORDER BY seq LIMIT 500) WHERE first_seen < ${now - 4 * WINDOW_MS}`.execute(db)
  const next = rows.at(-1)?.seq
  if (next === undefined) return
  await sql`DELETE FROM article_term WHERE article IN (SELECT value FROM json_each(${JSON.stringify(rows.map(({ id }) => id))}))`.execute(db)
  await db.executeQuery(writeSetting(db, forgotten, String(next)))
}

function weightsOf({ title, summary }: NewArticle): Map<string, number> {
  const weights = new Map(termsOf(summary.slice(0, SUMMARY_CHARACTERS)).map((term) => [term, 1]))
  for (const term of termsOf(title)) weights.set(term, TITLE_WEIGHT)
  return weights
}

async function frequencies(db: NewsDatabase, terms: readonly string[], from: number, to: number): Promise<Map<string, number>> {
  const { rows } = await sql<{ term: string; n: number }>`
    SELECT value AS term, (SELECT count(*) FROM article_term WHERE term = value AND at BETWEEN ${from} AND ${to}) AS n
    FROM json_each(${JSON.stringify(terms)})`.execute(db)
  return new Map(rows.map(({ term, n }) => [term, n]))
}

/** An article that is there already. */
interface Other {
  source: string
  story: string
  weights: Map<string, number>
}

/** The articles that share most rare words with one, within the window of its own time. */
function mostShared(own: ReadonlyMap<string, number>, byTerm: ReadonlyMap<string, readonly { at: number; article: string }[]>, at: number): string[] {
  const shared = new Map<string, number>()
  for (const term of own.keys()) {
    for (const other of byTerm.get(term) ?? []) if (Math.abs(other.at - at) <= WINDOW_MS) shared.set(other.article, (shared.get(other.article) ?? 0) + 1)
  }
  return [...shared].filter(([, times]) => times >= SHARED).toSorted(([, a], [, b]) => b - a).slice(0, COMPARED).map(([article]) => article)
}

async function wordsOf(db: NewsDatabase, articles: readonly string[]): Promise<Map<string, Other>> {
  const { rows } = await sql<{ article: string; source: string; story: string; term: string; weight: number }>`
    SELECT article_term.article, article.source, article.story, article_term.term, article_term.weight
    FROM json_each(${JSON.stringify(articles)}) JOIN article_term ON article_term.article = value JOIN article ON article.id = value`.execute(db)
  const words = new Map<string, Other>()
  for (const { article, source, story, term, weight } of rows) {
    const known = words.get(article) ?? { source, story, weights: new Map<string, number>() }
    known.weights.set(term, weight)
    words.set(article, known)
  }
  return words
}

/** The story of the article that is most alike; undefined where none is alike enough. */
function mostAlike(own: ReadonlyMap<string, number>, source: string, others: readonly Other[], rarity: (term: string) => number, rarest: number): string | undefined {
  let best: { story: string; alike: number } | undefined
  for (const other of others) {
    let [shared, inTitles] = [0, 0]
    for (const [term, weight] of own) {
      const theirs = other.weights.get(term)
      if (theirs === undefined) continue
      shared += rarity(term)
      if (weight === TITLE_WEIGHT || theirs === TITLE_WEIGHT) inTitles += rarity(term)
    }
    const alike = other.source === source ? cosine(titlesOf(own), titlesOf(other.weights), rarity) - TITLES_ALIKE + ALIKE : cosine(own, other.weights, rarity)
    if (shared >= EVIDENCE * rarest && inTitles >= TITLE_EVIDENCE * rarest && alike >= ALIKE && alike > (best?.alike ?? 0)) best = { story: other.story, alike }
  }
  return best?.story
}

function titlesOf(weights: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...weights].filter(([, weight]) => weight === TITLE_WEIGHT))
}

/** Likeness of two articles, 0–1: words weigh by their rarity, those of titles by the root of three more. */
function cosine(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>, rarity: (term: string) => number): number {
  const value = (term: string, weight: number) => Math.sqrt(weight) * rarity(term)
  const length = (weights: ReadonlyMap<string, number>) => Math.hypot(...[...weights].map(([term, weight]) => value(term, weight)))
  let product = 0
  for (const [term, weight] of one) {
    const theirs = other.get(term)
    if (theirs !== undefined) product += value(term, weight) * value(term, theirs)
  }
  return product / (length(one) * length(other) || 1)
}
