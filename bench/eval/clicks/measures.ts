/** How well one list was ordered. */
export interface Measures {
  auc: number
  mrr: number
  ndcg5: number
  ndcg10: number
}

/** The names of the measures. */
export const measureNames = ['auc', 'mrr', 'ndcg5', 'ndcg10'] as const

/** The order of a list by score, highest first; ties stay in the order of `lot`, a random order of the same list. */
export function orderOf(scores: ArrayLike<number>, lot: readonly number[]): number[] {
  return lot.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
}

function gainOf(hits: readonly boolean[], places: number): number {
  let gain = 0
  for (let place = 0; place < Math.min(places, hits.length); place++) if (hits[place] === true) gain += 1 / Math.log2(place + 2)
  return gain
}

/**
 * Measures of one list, `hits` telling of each place whether it was clicked: the area under the ROC curve, the mean of the clicks'
 * reciprocal ranks, and the discounted gain of the first 5 and 10 places against the best that is possible.
 * Undefined where nothing or everything was clicked: such a list judges no order.
 */
export function measure(hits: readonly boolean[]): Measures | undefined {
  const clicks = hits.filter(Boolean).length
  const others = hits.length - clicks
  if (clicks === 0 || others === 0) return undefined
  let above = 0
  let pairs = 0
  let reciprocal = 0
  for (const [place, hit] of hits.entries()) {
    if (!hit) above++
    else {
      pairs += others - above
      reciprocal += 1 / (place + 1)
    }
  }
  const best = hits.toSorted((a, b) => Number(b) - Number(a))
  return {
    auc: pairs / (clicks * others),
    mrr: reciprocal / clicks,
    ndcg5: gainOf(hits, 5) / gainOf(best, 5),
    ndcg10: gainOf(hits, 10) / gainOf(best, 10),
  }
}

/** The mean of lists' measures; zeros where there are none. */
export function meanOf(all: readonly Measures[]): Measures {
  const sum = { auc: 0, mrr: 0, ndcg5: 0, ndcg10: 0 }
  for (const one of all) for (const name of measureNames) sum[name] += one[name] / all.length
  return sum
}
