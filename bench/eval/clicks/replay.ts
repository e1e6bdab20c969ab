import { scoreOf, toVector, type Weights } from '../../../functions/_news/ranking/model.ts'
import { createLearner } from './learner.ts'
import { signalNames } from '../../../functions/_news/ranking/signals.ts'
import { termsOf } from '../../../functions/_news/ranking/words.ts'
import { pairedInterval, type Pair } from './bootstrap.ts'
import { chance, shuffled } from './chance.ts'
import type { ClickLog, LogItem } from './log.ts'
import { meanOf, measure, orderOf, type Measures } from './measures.ts'
import { createLogState } from './state.ts'

/** What a replayed log shows. */
export interface ReplayResult {
  /** Those with both a click and a non-click. */
  impressions: number
  users: number
  rankers: Record<'random' | 'recency' | 'popularity' | 'ours', Measures>
  /** Ours − popularity, 95 %. */
  paired: { auc: [number, number] }
  /** Share of all items shown that ours puts among the first five of some list. */
  coverage: number
  /** Mean difference of two items among the first ten of ours, by their words, names and categories; null where the log has none. */
  diversity: number | null
  /** What the learner arrived at. */
  weights: Weights
}

const FIRST = 5
const LIST = 10

/**
 * Replays a log in time order: each list is ranked by what came before it, then learned from.
 * @param last only so many impressions at the end are scored; the others are learned from
 */
export function replay({ items, events }: ClickLog, start: Weights, last = Infinity): ReplayResult {
  const state = createLogState(items)
  const learner = createLearner(toVector(start))
  const next = chance(1)
  const total = events.filter(({ type }) => type === 'impression').length
  const measured = { random: [] as Measures[], recency: [] as Measures[], popularity: [] as Measures[], ours: [] as Measures[] }
  const pairs: Pair[] = []
  const [users, shown, reached] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const spread = { sum: 0, lists: 0 }
  let seen = 0
  for (const event of events) {
    if (event.type === 'read') {
      state.clicked(event.user, event.item, event.at)
      continue
    }
    seen++
    const { user, at } = event
    state.begin(user, event.history)
    const list = event.items
    const clicked = new Set(event.clicked)
    const hits = list.map((item) => clicked.has(item))
    const signals = state.signals(user, list, at)
    const lot = shuffled(list.length, next)
    if (seen > total - last) {
      const scores = {
        random: list.map(() => 0),
        recency: list.map((item) => items.get(item)?.sequence ?? 0),
        popularity: list.map((item) => state.popularity(item, at)),
        ours: signals.map((one) => scoreOf(learner.weights, one)),
      }
      const order = orderOf(scores.ours, lot).map((place) => list[place]!)
      for (const item of list) shown.add(item)
      for (const item of order.slice(0, FIRST)) reached.add(item)
      const difference = diversityOf(order.slice(0, LIST).flatMap((item) => items.get(item) ?? []))
      if (difference !== undefined) {
        spread.sum += difference
        spread.lists++
      }
      const each = Object.fromEntries(Object.entries(scores).map(([name, values]) => [name, measure(orderOf(values, lot).map((place) => hits[place]!))]))
      if (each['ours'] !== undefined) {
        for (const [name, values] of Object.entries(measured)) values.push(each[name]!)
        pairs.push({ user, ours: each['ours'].auc, theirs: each['popularity']!.auc })
        users.add(user)
      }
    }
    learner.learn(signals, hits)
    state.shown(user, list, clicked, at)
  }
  return {
    impressions: pairs.length,
    users: users.size,
    rankers: { random: meanOf(measured.random), recency: meanOf(measured.recency), popularity: meanOf(measured.popularity), ours: meanOf(measured.ours) },
    paired: { auc: pairedInterval(pairs) },
    coverage: shown.size === 0 ? 0 : reached.size / shown.size,
    diversity: spread.lists === 0 ? null : spread.sum / spread.lists,
    weights: Object.fromEntries(signalNames.map((name, i) => [name, learner.weights[i]!])) as unknown as Weights,
  }
}

/** Mean of 1 − shared ÷ all terms over pairs; undefined where fewer than two items have any. */
function diversityOf(items: readonly LogItem[]): number | undefined {
  const sets = items.map((item) => new Set([...termsOf(item.title ?? '', item.entities), ...[item.category ?? [], item.topics ?? []].flat().map((one) => `@${one}`)])).filter((set) => set.size > 0)
  if (sets.length < 2) return undefined
  let [sum, pairs] = [0, 0]
  for (const [i, one] of sets.entries()) for (const other of sets.slice(i + 1)) {
    const shared = [...one].filter((term) => other.has(term)).length
    sum += 1 - shared / (one.size + other.size - shared)
    pairs++
  }
  return sum / pairs
}
