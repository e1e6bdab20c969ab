import { topicByWords } from './classify.ts'
import { isKnown, maxTopics, topicsOfArticle } from './names.ts'

/** What an article's topics are found by. */
export interface Untold {
  title: string
  summary: string
  /** As its feed writes them. */
  categories: readonly string[]
  language: string | null
}

/** Where an article stands in its paper, not what it is about. */
const places = ['national', 'united states', 'united kingdom', 'opinion']

/**
 * The topics of an article, at most eight: what the folder of its source and its categories say; where they say nothing of its subject,
 * what its words leave little doubt about.
 */
export function assignTopics(inherited: readonly string[], { title, summary, categories, language }: Untold): string[] {
  const told = topicsOfArticle(inherited, categories)
  if (told.some((topic) => isKnown(topic) && !places.includes(topic))) return told
  const guess = topicByWords({ title, summary, language })
  return guess === undefined ? told : [...new Set([guess, ...told])].slice(0, maxTopics)
}
