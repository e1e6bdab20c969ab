import type { Ranked } from '../rank.ts'

/** Points that a story gives way by for each story of its source, and of its first topic, above it; at most three count. */
const SOURCE_POINTS = 60
const TOPIC_POINTS = 25
/** The same for a reader of whom nothing is known: the more topics are shown, the sooner one fits. */
const NEWCOMER_TOPIC_POINTS = 100
const MOST_COUNTED = 3
/** So many of one source may stand among the first ten, unless the reader follows it. */
export const FIRST = 10
/** See `FIRST`. */
export const PER_SOURCE = 2
/** Stories that are put in their places one by one; those below stay in the order of their scores. */
const PLACED = 200

/**
 * Orders stories so that they differ (MMR): each place goes to the best of those left, less points for what stands above it already. What
 * a story lost is its reason `diversity`, never above 0, and the list stays in the order of scores. Input: best first.
 */
export function diversify(ranked: readonly Ranked[], follows: (source: string) => boolean, newcomer = false): Ranked[] {
  const left = ranked.slice(0, PLACED * 2)
  const placed: Ranked[] = []
  const above = { source: new Map<string, number>(), topic: new Map<string, number>() }
  const topicPoints = newcomer ? NEWCOMER_TOPIC_POINTS : TOPIC_POINTS
  const lossOf = ({ candidate }: Ranked): number => {
    const [topic] = candidate.topics
    const counted = (times: number | undefined) => Math.min(MOST_COUNTED, times ?? 0)
    return SOURCE_POINTS * counted(above.source.get(candidate.source.id)) + (topic === undefined ? 0 : topicPoints * counted(above.topic.get(topic)))
  }
  const barred = ({ candidate }: Ranked): boolean =>
    placed.length < FIRST && !follows(candidate.source.id) && (above.source.get(candidate.source.id) ?? 0) >= PER_SOURCE
  while (left.length > 0 && placed.length < PLACED) {
    let best = -1
    let bestScore = -Infinity
    for (let i = 0; i < left.length; i++) {
      const story = left[i]!
      // Nobody below can do better: what is lost is never negative.
      if (story.score <= bestScore) break
      const score = story.score - lossOf(story)
      if (score > bestScore && !barred(story)) [best, bestScore] = [i, score]
    }
    // Of too few sources the rule cannot be kept.
    if (best < 0) [best, bestScore] = [0, left[0]!.score - lossOf(left[0]!)]
    const [story] = left.splice(best, 1)
    placed.push(lowered(story!, Math.min(bestScore, placed.at(-1)?.score ?? Infinity)))
    const { source, topics: [topic] } = story!.candidate
    above.source.set(source.id, (above.source.get(source.id) ?? 0) + 1)
    if (topic !== undefined) above.topic.set(topic, (above.topic.get(topic) ?? 0) + 1)
  }
  const last = placed.at(-1)?.score ?? Infinity
  return [...placed, ...[...left, ...ranked.slice(PLACED * 2)].map((story) => lowered(story, Math.min(story.score, last)))]
}

function lowered(story: Ranked, score: number): Ranked {
  if (score >= story.score) return story
  const label = 'further down, for the sake of variety'
  return { ...story, score, reasons: [...story.reasons, { signal: 'diversity', weight: score - story.score, label }] }
}
