import { keywords } from './keywords.ts'
import { languageOf } from './language.ts'

/** What an article is judged by. */
export interface Text {
  title: string
  summary: string
  /** As its feed says, where the words themselves do not tell. */
  language?: string | null
}

/** A topic that words speak for, and how loudly. */
export interface Guess {
  topic: string
  /** Sum of the strengths of its words; those of a title count half as much again. */
  score: number
  /** That of the topic next to it. */
  second: number
}

/** A topic that has less than this, or not so many times as much as the next one, is not told. */
const LEAST_SCORE = 5
const LEAST_RATIO = 3
const TITLE = 1.5
/** Characters of a summary that are looked at. */
const LONGEST = 400
/** Word beginnings are this long at least. */
const SHORTEST = 3

/** Ranks topics by the words of a text, whatever little they say; undefined where no word speaks for any. */
export function guessTopic({ title, summary, language }: Text): Guess | undefined {
  const text = `${title}\n${summary.slice(0, LONGEST)}`
  const { whole, beginnings } = keywords(languageOf(text, language))
  const scores = new Map<string, number>()
  const seen = new Set<unknown>()
  const count = (entries: readonly { topic: string; strength: number }[] | undefined, factor: number) => {
    if (entries === undefined || seen.has(entries)) return
    seen.add(entries)
    for (const { topic, strength } of entries) scores.set(topic, (scores.get(topic) ?? 0) + strength * factor)
  }
  for (const [part, factor] of [[title, TITLE], [summary.slice(0, LONGEST), 1]] as const) {
    let before = ''
    for (const word of part.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
      if (before !== '') count(whole.get(`${before}_${word}`), factor)
      count(whole.get(word), factor)
      for (let end = SHORTEST; end <= word.length; end++) count(beginnings.get(word.slice(0, end)), factor)
      before = word
    }
  }
  const [best, next] = [...scores].toSorted(([, a], [, b]) => b - a)
  return best === undefined ? undefined : { topic: best[0], score: best[1], second: next?.[1] ?? 0 }
}

/** The topic that the words of a text leave little doubt about; undefined where they leave some. */
export function topicByWords(text: Text): string | undefined {
  const guess = guessTopic(text)
  return guess !== undefined && guess.score >= LEAST_SCORE && guess.score >= LEAST_RATIO * guess.second ? guess.topic : undefined
}
