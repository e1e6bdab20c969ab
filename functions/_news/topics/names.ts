import { topicOf } from '../text.ts'
import { emptyNames, folded, knownTopics, topicByName } from './synonyms.ts'

/** Topics of one article. */
export const maxTopics = 8
/** What publishers write for machines: `site|name`, `section:x=y`, addresses. */
const machine = /^\w+\||^[\w-]+[:=][\w-]+=|^https?:|^your-feed-|^content type:/i
/** Longer ones are sentences. */
const longest = 40

function known(name: string): string | undefined {
  const plain = folded(name).replace(/^r (?=\S)/, '')
  const bare = plain.replace(/^(?:the|latest) | (?:news|stories|section|nyheder|nachrichten)$/g, '')
  // `UK sport`, `World politics`.
  const anywhere = bare.replace(/^(?:us|uk|world|local) /, '')
  return (topicByName.get(plain) ?? topicByName.get(bare) ?? topicByName.get(anywhere))?.name
}

/**
 * The topics that a folder, a category or a reader means by a name: under the name that all synonyms share (`Tech` and `IT` are `technology`),
 * several where it joins some (`Science & Environment`, `Sport > Football`); a name of which the table knows no part stands for itself, in
 * lower case. None for an empty text.
 */
export function topicsNamed(text: string): string[] {
  const own = topicOf(text.replace(/^[#\s]+|^\/?r\/(?=\w)|[\s/>|]+$/g, ''))
  if (own === '') return []
  const whole = known(text)
  if (whole !== undefined) return [whole]
  const found = text.split(/[/>|;,&+:]| and | og | und | och | et | y | e | en | - /i).flatMap((part) => known(part) ?? [])
  return found.length === 0 ? [own] : [...new Set(found)]
}

/** Whether a folder or a category tells what an article is about. */
function saysSomething(category: string): boolean {
  const plain = folded(category)
  return /\p{L}/u.test(plain) && plain.length <= longest && !emptyNames.has(plain) && !machine.test(category.trim())
}

/** Whether a topic is one of the table. */
export function isKnown(topic: string): boolean {
  return knownTopics.has(topic)
}

/**
 * The topics of an article, at most eight: those of its source, then those its categories name, each after the wider ones it belongs to (what is
 * about football is about sport); the ones that the table knows first.
 */
export function topicsOfArticle(inherited: readonly string[], categories: readonly string[]): string[] {
  const named = categories.filter(saysSomething).flatMap(topicsNamed).filter(saysSomething)
  const withWider = (topics: readonly string[]) => topics.flatMap((topic) => [...(knownTopics.get(topic)?.within ?? []), topic])
  const all = [...withWider(inherited.filter(saysSomething).flatMap(topicsNamed)), ...withWider(named.filter(isKnown)), ...named]
  return [...new Set(all)].slice(0, maxTopics)
}
