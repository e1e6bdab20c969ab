/** An article whose publisher says what it is about. */
export interface Labelled {
  source: string
  title: string
  summary: string
  language: string | null
  /** Any of them is right. */
  labels: string[]
}

/** How often what was said was right, and how often anything was said. */
export interface Figures {
  articles: number
  /** Share of the articles of which anything was said. */
  coverage: number
  /** Share of those of which the right thing was said. */
  precision: number
  /** Share of all articles that have the commonest label: what saying always the same would get. */
  majority: number
  /** Mean over the labels of 2 × right / (said + there). */
  macro_f1: number
  topics: Record<string, { articles: number; precision: number | null; recall: number }>
}

/** Holds what was said of articles, undefined for nothing, against their labels. */
export function judge(articles: readonly (Labelled & { said: string | undefined })[]): Figures {
  const share = (part: number, whole: number) => Math.round((part / Math.max(1, whole)) * 1e4) / 1e4
  const right = articles.filter(({ said, labels }) => said !== undefined && labels.includes(said))
  const spoken = articles.filter(({ said }) => said !== undefined).length
  // Of two labels the one that was said, else the first.
  const labelOf = ({ said, labels }: Labelled & { said: string | undefined }) => (said !== undefined && labels.includes(said) ? said : labels[0]!)
  const byLabel = Map.groupBy(articles, labelOf)
  const f1s: number[] = []
  const topics = Object.fromEntries([...byLabel].toSorted(([, a], [, b]) => b.length - a.length).map(([topic, there]) => {
    const hits = there.filter(({ said }) => said === topic).length
    const times = articles.filter(({ said }) => said === topic).length
    f1s.push((2 * hits) / Math.max(1, times + there.length))
    return [topic, { articles: there.length, precision: times === 0 ? null : share(hits, times), recall: share(hits, there.length) }]
  }))
  return {
    articles: articles.length,
    coverage: share(spoken, articles.length),
    precision: share(right.length, spoken),
    majority: share(Math.max(0, ...[...byLabel.values()].map((there) => there.length)), articles.length),
    macro_f1: share(f1s.reduce((sum, f1) => sum + f1, 0), f1s.length),
    topics,
  }
}
