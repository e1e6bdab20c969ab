import type { Ranked } from '../rank.ts'
import type { Counters } from './counters.ts'
import { FIRST, PER_SOURCE } from './diversify.ts'

/** From the place below the first ones on stories are tried, and into this place goes the one that is. */
const PLACE = 4
/** Of so many one is chosen; its chance is told by so many draws. */
const CHOICES = 30
const DRAWS = 200
/** What the click-through of a story nobody has seen is taken to be: one click in twenty showings. */
const CLICKS = 1
const VIEWS = 20

/** A story chosen to be tried, and the chance it had. */
export interface Tried {
  story: Ranked
  place: number
  propensity: number
}

/** What a choice depends on beside the stories. */
export interface Trying {
  counters: ReadonlyMap<string, Counters>
  /** Of reader and hour. */
  seed: number
  follows: (source: string) => boolean
  /** Whether a story was shown to the reader in an earlier visit: it is nothing new. */
  passed: (story: string) => boolean
  /** What was tried with the reader in this hour, and its chance then, the latest first. */
  before: readonly { story: string; propensity: number }[]
}

/**
 * Chooses a story from below the first ten to be tried (Thompson sampling): each draws a click-through from what is known of it,
 * Beta(clicks + 1, views − clicks + 19), and the highest wins. A reader keeps the choice for an hour, whatever others do meanwhile, or until
 * it was passed over. Undefined where there are too few; a source that has its share of the first ten already is not tried there.
 */
export function explore(ranked: readonly Ranked[], { counters, seed, follows, passed, before }: Trying): Tried | undefined {
  const above = Map.groupBy(ranked.slice(0, FIRST - 1), ({ candidate }) => candidate.source.id)
  const fits = ({ candidate: { id, source } }: Ranked) => !passed(id) && (follows(source.id) || (above.get(source.id)?.length ?? 0) < PER_SOURCE)
  const below = ranked.slice(FIRST, FIRST + CHOICES)
  if (below.length < 2) return undefined
  const fitting = below.filter(fits)
  const kept = before.find(({ story }) => !passed(story))
  const again = kept && ranked.slice(FIRST).find((one) => one.candidate.id === kept.story && fits(one))
  if (again !== undefined) return { story: again, place: PLACE, propensity: kept!.propensity }
  // Of too few sources the rule cannot be kept.
  const choices = fitting.length === 0 ? below : fitting
  const next = randomOf(seed)
  const beliefs = choices.map(({ candidate }) => {
    const known = counters.get(candidate.id)
    return belief(CLICKS + (known?.allClicks ?? 0), Math.max(1, VIEWS - CLICKS + Math.max(0, (known?.allViews ?? 0) - (known?.allClicks ?? 0))))
  })
  const draw = (): number => {
    let best = 0
    let highest = -1
    for (let i = 0; i < beliefs.length; i++) {
      const value = drawn(beliefs[i]!, next)
      if (value > highest) {
        best = i
        highest = value
      }
    }
    return best
  }
  const chosen = draw()
  let times = 1
  for (let i = 0; i < DRAWS; i++) if (draw() === chosen) times++
  return { story: choices[chosen]!, place: PLACE, propensity: times / (DRAWS + 1) }
}

/** Numbers in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

interface Belief {
  mean: number
  spread: number
}

/** Mean and spread of Beta(a, b). */
function belief(a: number, b: number): Belief {
  const mean = a / (a + b)
  return { mean, spread: Math.sqrt((mean * (1 - mean)) / (a + b + 1)) }
}

/** A draw from it: normal, held to [0, 1]; near enough for choosing. */
function drawn({ mean, spread }: Belief, next: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return Math.min(1, Math.max(0, mean + spread * normal))
}
