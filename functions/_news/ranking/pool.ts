import { termsOf } from './words.ts'

/** How much older than its first sight an item without a date counts: a feed could otherwise put all it adds above the news of the day. */
export const undatedAgeMs = 24 * 3600 * 1000

/** An article that tells a story as well as its first one does. */
export interface Telling {
  /** Its id, as an article. */
  article: string
  title: string
  url: string
  source: { id: string; title: string }
  topics: string[]
}

/** What is held of a story that an edition may show; the rest is read when it is shown. Times in milliseconds since 1970. */
export interface PoolStory {
  id: string
  title: string
  url: string
  source: { id: string; title: string }
  publishedAt: number
  undated: boolean
  firstSeen: number
  topics: string[]
  articles: number
  /** The article it is shown by, where that is not its first. */
  article?: string
  /** How others tell it, the earliest first; absent where one article is all there is. */
  others?: Telling[]
}

/** A story that an edition may show, with what is shown of it and what its words say. */
export interface Candidate extends PoolStory {
  summary: string
  image: string | null
  /** How much the reader likes its words, −1 … 1, and the mean log-odds of their being clicked by anybody. */
  text: number
  words: number
}

/** Runs of numbers, one run a story: those of story i stand from `starts[i]` to `starts[i + 1]`. */
export interface Runs {
  starts: Int32Array
  values: Int32Array
}

/**
 * The live stories and what they are compared by, in columns: tens of thousands are gone through for each edition. Terms, topics and
 * sources are numbers there, by the places of their names.
 */
export interface Pool {
  list: readonly PoolStory[]
  places: ReadonlyMap<string, number>
  terms: Runs
  termNames: readonly string[]
  termNumbers: ReadonlyMap<string, number>
  /** Of each term how rare it is, `log(stories / stories with it)`; of each story the length of its vector. */
  rare: Float64Array
  lengths: Float64Array
  /** Of each list of topics that some story has, the topics; of each story its list: many share one. */
  topics: Runs
  topicLists: Int32Array
  topicNames: readonly string[]
  sources: Int32Array
  sourceNames: readonly string[]
  /** Of each story how old it counts as: when it was published, a day earlier without a date. Of all, when the last was first seen. */
  published: Float64Array
  lastSeen: number
}

/** Collects the stories of a pool. */
export interface PoolBuilder {
  readonly size: number
  add(story: PoolStory): void
  finish(): Pool
}

/** Names get numbers in the order they come. */
function numbering(): { names: string[]; numbers: Map<string, number>; of(name: string): number } {
  const names: string[] = []
  const numbers = new Map<string, number>()
  return {
    names, numbers,
    of(name) {
      let number = numbers.get(name)
      if (number === undefined) {
        numbers.set(name, (number = names.length))
        names.push(name)
      }
      return number
    },
  }
}

/** Begins a pool. Titles that stand in `before` as well are not taken apart again. */
export function buildPool(before?: Pool): PoolBuilder {
  const list: PoolStory[] = []
  const places = new Map<string, number>()
  const [terms, topics, sources] = [numbering(), numbering(), numbering()]
  const topicLists = numbering()
  const runs = { terms: [0], termValues: [] as number[], topics: [0], topicValues: [] as number[], topicLists: [] as number[], sources: [] as number[] }
  const wordsOf = ({ id, title }: PoolStory): string[] => {
    const place = before?.places.get(id)
    return before !== undefined && place !== undefined && before.list[place]!.title === title ? termsAt(before, place) : termsOf(title)
  }
  return {
    get size() {
      return list.length
    },
    add(story) {
      if (places.has(story.id)) return
      places.set(story.id, list.length)
      list.push(story)
      for (const term of wordsOf(story)) runs.termValues.push(terms.of(term))
      runs.terms.push(runs.termValues.length)
      const topicList = topicLists.of(story.topics.join('\n'))
      runs.topicLists.push(topicList)
      if (topicList === runs.topics.length - 1) {
        for (const topic of story.topics) runs.topicValues.push(topics.of(topic))
        runs.topics.push(runs.topicValues.length)
      }
      runs.sources.push(sources.of(story.source.id))
    },
    finish() {
      const values = new Int32Array(runs.termValues)
      const starts = new Int32Array(runs.terms)
      const rare = new Float64Array(terms.names.length)
      for (const term of values) rare[term]!++
      for (let term = 0; term < rare.length; term++) rare[term] = Math.log(Math.max(1, list.length) / rare[term]!)
      const lengths = new Float64Array(list.length)
      for (let i = 0; i < list.length; i++) {
        let square = 0
        for (let j = starts[i]!; j < starts[i + 1]!; j++) square += rare[values[j]!]! ** 2
        lengths[i] = Math.sqrt(square) || 1
      }
      return {
        list, places, rare, lengths,
        terms: { starts, values }, termNames: terms.names, termNumbers: terms.numbers,
        topics: { starts: new Int32Array(runs.topics), values: new Int32Array(runs.topicValues) }, topicLists: new Int32Array(runs.topicLists), topicNames: topics.names,
        sources: new Int32Array(runs.sources), sourceNames: sources.names,
        published: Float64Array.from(list, ({ publishedAt, undated }) => publishedAt - (undated ? undatedAgeMs : 0)),
        lastSeen: list.reduce((last, { firstSeen }) => Math.max(last, firstSeen), 0),
      }
    },
  }
}

/** The terms of the story at a place. */
export function termsAt({ terms, termNames }: Pool, place: number): string[] {
  const all: string[] = []
  for (let j = terms.starts[place]!; j < terms.starts[place + 1]!; j++) all.push(termNames[terms.values[j]!]!)
  return all
}

/** The story at a place, as it is ranked, with what its words say. Its summary and image are not held. */
export function candidateAt(pool: Pool, place: number, said: Pick<Candidate, 'text' | 'words'>): Candidate {
  return { ...pool.list[place]!, summary: '', image: null, ...said }
}
