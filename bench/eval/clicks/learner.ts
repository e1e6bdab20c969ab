import { scoreOf } from '../../../functions/_news/ranking/model.ts'

/** Learns weights from lists of which something was clicked, one list at a time, from what was known before it alone. */
export interface Learner {
  readonly weights: number[]
  learn(list: readonly (readonly number[])[], clicked: readonly boolean[]): void
}

/** How far a step may go, and how strongly weights are held to where they began. */
const RATE = 0.3
const HOLD = 1e-4

/**
 * Makes a learner: softmax over the list against its clicks (ListNet), steps by AdaGrad. Signals count by their distance from
 * the mean of their list, for only differences order it.
 */
export function createLearner(start: readonly number[]): Learner {
  const weights = [...start]
  const steps = weights.map(() => 1e-6)
  return {
    weights,
    learn(list, clicked) {
      const clicks = clicked.filter(Boolean).length
      if (clicks === 0 || clicks === list.length) return
      const scores = list.map((signals) => scoreOf(weights, signals))
      const top = Math.max(...scores)
      const shares = scores.map((score) => Math.exp(score - top))
      const total = shares.reduce((sum, share) => sum + share, 0)
      for (let j = 0; j < weights.length; j++) {
        let mean = 0
        for (const signals of list) mean += signals[j]! / list.length
        let gradient = HOLD * (weights[j]! - start[j]!)
        for (const [i, signals] of list.entries()) gradient += (shares[i]! / total - (clicked[i] === true ? 1 / clicks : 0)) * (signals[j]! - mean)
        steps[j]! += gradient * gradient
        weights[j]! -= (RATE * gradient) / Math.sqrt(steps[j]!)
      }
    },
  }
}
