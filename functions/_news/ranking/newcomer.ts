import type { Profile } from '../profile.ts'
import type { Counters } from './counters.ts'
import type { Pool } from './pool.ts'

/** Stories of a topic before what readers open of it counts as much as what they open at large. */
const HELD = 20
/** Fewer stories that were opened, or openings, say nothing of many readers. */
const FEWEST_STORIES = 3
const FEWEST_OPENINGS = 5
/** A feeling of one e-fold more openings than usual. */
const STRENGTH = 2

/**
 * What all readers of the day like to read about: of each topic whose stories are opened more than others how much more, as a feeling. One
 * story that everybody opens makes no topic popular: its openings count by their logarithm. Nor does a click or two where hardly anything is opened.
 */
export function topicsOfAll(pool: Pool, counters: ReadonlyMap<string, Counters>): Map<string, number> {
  const { starts, values } = pool.topics
  const topicsAt = (place: number) => {
    const list = pool.topicLists[place]!
    return values.subarray(starts[list], starts[list + 1])
  }
  const opened = new Float64Array(pool.topicNames.length)
  const stories = new Float64Array(pool.topicNames.length)
  const told = new Uint32Array(pool.topicNames.length)
  const openings = new Uint32Array(pool.topicNames.length)
  for (let place = 0; place < pool.list.length; place++) for (const topic of topicsAt(place)) stories[topic]!++
  let all = 0
  for (const [story, { allClicks }] of counters) {
    const place = pool.places.get(story)
    if (place === undefined || allClicks === 0) continue
    all += Math.log1p(allClicks)
    for (const topic of topicsAt(place)) {
      opened[topic]! += Math.log1p(allClicks)
      told[topic]!++
      openings[topic]! += allClicks
    }
  }
  const feelings = new Map<string, number>()
  if (all === 0) return feelings
  const usual = all / pool.list.length
  for (const [topic, name] of pool.topicNames.entries()) {
    if (told[topic]! < FEWEST_STORIES || openings[topic]! < FEWEST_OPENINGS) continue
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
