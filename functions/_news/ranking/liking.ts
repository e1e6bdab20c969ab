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

/** Adds up the vectors of stories, each as strong as it is felt, term by term; those the pool has no more by their titles. */
function addUp(pool: Pool, titles: readonly FeltTitle[], known: (term: number, value: number) => void, other: (term: string, value: number) => void): void {
  const { starts, values } = pool.terms
  for (const { story, title, weight } of titles) {
    const strength = Math.abs(weight)
    const place = pool.places.get(story)
    if (place === undefined) {
      for (const { number, name, value } of weighed(pool, termsOf(title))) {
        if (number === undefined) other(name, strength * value)
        else known(number, strength * value)
      }
      continue
    }
    const share = strength / pool.lengths[place]!
    for (let j = starts[place]!; j < starts[place + 1]!; j++) known(values[j]!, share * pool.rare[values[j]!]!)
  }
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

function squaresOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}

function lengthOf(known: Float64Array, others: ReadonlyMap<string, number>): number {
  let sum = squaresOf(others.values())
  for (let i = 0; i < known.length; i++) sum += known[i]! * known[i]!
  return Math.sqrt(sum)
}

function adding<Term>(sums: Map<Term, number>): (term: Term, value: number) => void {
  return (term, value) => void sums.set(term, (sums.get(term) ?? 0) + value)
}

/** Makes a liking of what a reader liked and turned down: the direction of the one less that of the other, each of length one. */
export function likingOf(pool: Pool, titles: readonly FeltTitle[]): Liking {
  const known = new Float64Array(pool.termNames.length)
  const others = new Map<string, number>()
  addUp(pool, titles.filter(({ weight }) => weight > 0), (term, value) => void (known[term]! += value), adding(others))
  const up = lengthOf(known, others) || 1
  for (let i = 0; i < known.length; i++) known[i]! /= up
  for (const [name, value] of others) others.set(name, value / up)
  // Little is turned down: no second column, for whose sake memory would have to be cleared all the time.
  const [down, downOthers] = [new Map<number, number>(), new Map<string, number>()]
  addUp(pool, titles.filter(({ weight }) => weight < 0), adding(down), adding(downOthers))
  const length = Math.sqrt(squaresOf(down.values()) + squaresOf(downOthers.values())) || 1
  for (const [term, value] of down) known[term]! -= value / length
  for (const [name, value] of downOthers) adding(others)(name, -value / length)
  return { known, others, most: lengthOf(known, others) }
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
