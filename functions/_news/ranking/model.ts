import { signalNames, type SignalName } from './signals.ts'

/** What a unit of each signal is worth. */
export type Weights = Readonly<Record<SignalName, number>>

/** Weights in the order of `signalNames`. */
export function toVector(weights: Weights): number[] {
  return signalNames.map((name) => weights[name])
}

/** The score of one story: Σ weight × signal. */
export function scoreOf(weights: readonly number[], signals: readonly number[]): number {
  let score = 0
  for (let i = 0; i < weights.length; i++) score += weights[i]! * signals[i]!
  return score
}
