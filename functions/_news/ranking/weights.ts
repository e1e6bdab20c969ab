import type { Weights } from './model.ts'

/**
 * Where learning begins, and what stands for a signal that no log can judge: chosen by hand, once, before any log was replayed to its
 * end. What a reader asks for outweighs what a reader merely did, and both outweigh a day of age.
 */
export const beginning: Weights = {
  clicks1h: 0,
  clicks4h: 0.1,
  clicks24h: 0,
  ctr4h: 0.4,
  ctr24h: 0.4,
  ctrEver: 0.4,
  age: 0.05,
  coread: 0.3,
  opened: 1,
  passed: 0.2,
  text: 0.6,
  words: 0.2,
  topic: 0.8,
  source: 0.6,
  follow: 1.2,
}

/**
 * What editions are ranked by. Each group was learned on the log that can judge it (`npm run eval -- DIR --json` tells where the learner
 * ends): clicks, co-reading and what was passed over on a week of a newspaper's readers, click-through on a portal's morning, words on labelled titles. The
 * lists of those logs are fresh throughout, so that they cannot judge `age`: it keeps its prior, half a unit for each e-fold of hours;
 * so do `topic`, `source` and `follow`. What was opened is not shown again, so that `opened` has nothing to weigh.
 */
export const weights: Weights = {
  ...beginning,
  clicks1h: -0.58,
  clicks4h: 0.93,
  clicks24h: 0.03,
  ctr4h: 0.45,
  ctr24h: 0.34,
  ctrEver: 0.38,
  coread: 0.37,
  passed: 1.48,
  age: 0.5,
}
