import type { Profile } from '../profile.ts'
import type { Counters } from './counters.ts'
import type { Pool } from './pool.ts'

/** Stories of a topic before what readers open of it counts as much as what they open at large. */
const HELD = 20
/** A feeling of one e-fold more openings than usual. */
const STRENGTH = 2

/**
 * What all readers of the day like to read about: of each topic whose stories are opened more than others how much more, as a feeling. One
 * story that everybody opens makes no topic popular: its openings count by their logarithm.
 */
export function topicsOfAll(pool: Pool, counters: ReadonlyMap<string, Counters>): Map<string, number> {
  const { starts, values } = pool.topics
  const opened = new Float64Array(pool.topicNames.length)
  const stories = new Float64Array(pool.topicNames.length)
  for (const topic of values) stories[topic]!++
  let all = 0
  for (const [story, { allClicks }] of counters) {
    const place = pool.places.get(story)
    if (place === undefined || allClicks === 0) continue
    all += Math.log1p(allClicks)
    for (let j = starts[place]!; j < starts[place + 1]!; j++) opened[values[j]!]! += Math.log1p(allClicks)
  }
  const feelings = new Map<string, number>()
  if (all === 0) return feelings
  const usual = all / pool.list.length
  for (const [topic, name] of pool.topicNames.entries()) {
    const feeling = STRENGTH * Math.log((opened[topic]! + HELD * usual) / (stories[topic]! + HELD) / usual)
    // What is opened less than usual is not held against anything: a newcomer has turned nothing down.
    if (feeling > 0.1) feelings.set(name, feeling)
  }
  return feelings
}

/** Whether nothing is known of a reader that tells what to show. */
export function isNewcomer({ preferences, opened, hidden, titles }: Profile): boolean {
  return opened.size + hidden.size + titles.length + preferences.topics.follow.length + preferences.sources.follow.length === 0
}
