import type { Pool } from './pool.ts'
import { termsOf } from './words.ts'

/** How a reader likes words: of each term what it is worth to a story that has it, those of the pool by their numbers, others by their names. */
export interface Liking {
  known: Float64Array
  others: ReadonlyMap<string, number>
  /** No story is liked more than this. */
  most: number
}

/** A story that a reader liked (above 0) or turned down (below), as strongly as `weight` says. */
export interface FeltTitle {
  story: string
  title: string
  weight: number
}

interface Direction {
  known: Float64Array
  others: Map<string, number>
}

/** The mean direction of stories, each as strong as it is felt; those the pool has no more by their titles. */
function directionOf(pool: Pool, titles: readonly FeltTitle[]): Direction {
  const known = new Float64Array(pool.termNames.length)
  const others = new Map<string, number>()
  const { starts, values } = pool.terms
  for (const { story, title, weight } of titles) {
    const place = pool.places.get(story)
    if (place === undefined) {
      for (const { number, name, value } of weighed(pool, termsOf(title))) {
        if (number === undefined) others.set(name, (others.get(name) ?? 0) + weight * value)
        else known[number]! += weight * value
      }
      continue
    }
    const strength = weight / pool.lengths[place]!
    for (let j = starts[place]!; j < starts[place + 1]!; j++) known[values[j]!]! += strength * pool.rare[values[j]!]!
  }
  return { known, others }
}

/** Terms as the vector of a story that the pool does not hold, of length one; what the pool has never seen is as rare as can be. */
function weighed(pool: Pool, terms: readonly string[]): { number: number | undefined; name: string; value: number }[] {
  const rarest = Math.log(Math.max(1, pool.list.length))
  const vector = terms.map((name) => {
    const number = pool.termNumbers.get(name)
    return { number, name, value: number === undefined ? rarest : pool.rare[number]! }
  })
  const length = Math.sqrt(vector.reduce((sum, { value }) => sum + value * value, 0)) || 1
  return vector.map((term) => ({ ...term, value: term.value / length }))
}

function lengthOf({ known, others }: Direction): number {
  let square = 0
  for (let i = 0; i < known.length; i++) square += known[i]! * known[i]!
  for (const value of others.values()) square += value * value
  return Math.sqrt(square)
}

/** Makes a liking of what a reader liked and turned down: the direction of the one less that of the other, each of length one. */
export function likingOf(pool: Pool, titles: readonly FeltTitle[]): Liking {
  const liked = directionOf(pool, titles.filter(({ weight }) => weight > 0))
  const turnedDown = directionOf(pool, titles.flatMap((one) => (one.weight < 0 ? [{ ...one, weight: -one.weight }] : [])))
  const [up, down] = [lengthOf(liked) || 1, lengthOf(turnedDown) || 1]
  for (let i = 0; i < liked.known.length; i++) liked.known[i] = liked.known[i]! / up - turnedDown.known[i]! / down
  for (const [name, value] of liked.others) liked.others.set(name, value / up)
  for (const [name, value] of turnedDown.others) liked.others.set(name, (liked.others.get(name) ?? 0) - value / down)
  return { ...liked, most: lengthOf(liked) }
}

/** How much the words of the story at a place are liked: −1 … 1. */
export function likenessAt(pool: Pool, place: number, { known }: Liking): number {
  const { starts, values } = pool.terms
  let sum = 0
  for (let j = starts[place]!; j < starts[place + 1]!; j++) sum += known[values[j]!]! * pool.rare[values[j]!]!
  return sum / pool.lengths[place]!
}

/** The same of a story that the pool does not hold, by its terms. */
export function likenessOf(pool: Pool, terms: readonly string[], { known, others }: Liking): number {
  return weighed(pool, terms).reduce((sum, { number, name, value }) => sum + value * (number === undefined ? (others.get(name) ?? 0) : known[number]!), 0)
}
