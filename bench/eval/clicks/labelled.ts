import { scoreOf, toVector, type Weights } from '../../../functions/_news/ranking/model.ts'
import { noCounters } from '../../../functions/_news/ranking/counters.ts'
import { signalsOf } from '../../../functions/_news/ranking/signals.ts'
import { termsOf, wordOdds } from '../../../functions/_news/ranking/words.ts'
import { centroid, rarity, taste, vectorOf } from './taste.ts'
import { chance, shuffled } from './chance.ts'
import type { ClickLog, Label } from './log.ts'
import { measure, orderOf } from './measures.ts'

/** What labels without times show: the mean over users of the area under the curve. */
export interface LabelledResult {
  users: number
  rankers: Record<'random' | 'recency' | 'popularity' | 'ours', { auc: number }>
}

const FOLDS = 5
const rankers = ['random', 'recency', 'popularity', 'ours'] as const

/**
 * Judges each user's labels in five folds: what the other four say of that user, and of all users' clicks, ranks the fifth. A user's
 * figure is the mean over those folds that hold both a click and a skip.
 */
export function judgeLabels({ items, labels }: ClickLog, start: Weights): LabelledResult {
  const byUser = Map.groupBy(labels, ({ user }) => user)
  const terms = new Map([...items].map(([id, item]) => [id, termsOf(`${item.title ?? ''} ${item.summary ?? ''}`, item.entities)]))
  const rare = rarity([...terms.values()])
  const vectors = new Map([...terms].map(([id, own]) => [id, vectorOf(own, rare)]))
  const vector = (item: string) => vectors.get(item) ?? new Map<string, number>()
  const weights = toVector(start)
  const next = chance(1)
  const figures = new Map<string, Record<(typeof rankers)[number], number>[]>()
  for (let fold = 0; fold < FOLDS; fold++) {
    const known = [...byUser.values()].flatMap((own) => own.filter((_, i) => i % FOLDS !== fold))
    const odds = wordOdds(known.map(({ item, clicked }) => ({ terms: terms.get(item) ?? [], clicks: clicked ? 1 : 0, skips: clicked ? 0 : 1 })))
    const clicks = Map.groupBy(known.filter(({ clicked }) => clicked), ({ item }) => item)
    for (const [user, own] of byUser) {
      const mean = (wanted: boolean) => centroid(own.filter((label, i) => i % FOLDS !== fold && label.clicked === wanted).map(({ item }) => ({ vector: vector(item), weight: 1 })))
      const [liked, skipped] = [mean(true), mean(false)]
      const asked: Label[] = own.filter((_, i) => i % FOLDS === fold)
      const lot = shuffled(asked.length, next)
      const auc = (score: (label: Label) => number) => measure(orderOf(asked.map(score), lot).map((place) => asked[place]!.clicked))?.auc
      const ours = auc(({ item }) => scoreOf(weights, signalsOf({
        counters: noCounters(0), ageMs: 0, coread: 0, opened: false, passed: 0, text: taste(vector(item), liked, skipped), words: odds(terms.get(item) ?? []), topic: 0, source: 0, follow: 0,
      }, { clicks: 0, views: 0 })))
      if (ours === undefined) continue
      const one = { random: auc(() => 0)!, recency: auc(({ item }) => items.get(item)?.sequence ?? 0)!, popularity: auc(({ item }) => clicks.get(item)?.length ?? 0)!, ours }
      figures.set(user, [...(figures.get(user) ?? []), one])
    }
  }
  const meanOver = (name: (typeof rankers)[number]) => {
    const perUser = [...figures.values()].map((folds) => folds.reduce((sum, one) => sum + one[name], 0) / folds.length)
    return { auc: perUser.reduce((sum, auc) => sum + auc, 0) / Math.max(1, perUser.length) }
  }
  return { users: figures.size, rankers: { random: meanOver('random'), recency: meanOver('recency'), popularity: meanOver('popularity'), ours: meanOver('ours') } }
}
