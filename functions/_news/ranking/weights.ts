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
  text: 0.6,
  words: 0.2,
  topic: 0.8,
  source: 0.6,
  follow: 1.2,
}
