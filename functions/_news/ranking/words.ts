const STOP = new Set(
  'a about after all an and are as at be been but by can for from had has have he her his how i if in into is it its more new no not of on one or out over she so than that the their them they this to up was we were what when which who will with would you your'.split(' '),
)

/** What a title and its named things are compared by: words of two letters and more without the commonest, endings cut; names whole, marked by `#`. */
export function termsOf(text: string, entities: readonly string[] = []): string[] {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1 && !STOP.has(word))
  const stems = words.map((word) => (word.length > 4 ? word.replace(/(?:ies|es|s|ing|ed)$/, '') : word))
  return [...new Set([...stems, ...entities.map((entity) => `#${entity.toLowerCase()}`)])]
}

/** What is known of words by what readers did to stories that have them. */
export interface WordOdds {
  /** Notes how often a story with these terms was clicked and passed over. */
  add(terms: readonly string[], clicks: number, skips: number): void
  /** Of the mean term how much more often than on the average the stories that have it were clicked: log-odds, held to none by ten showings. */
  of(terms: readonly string[]): number
}

/** Begins to count; no word says anything yet. */
export function countWords(): WordOdds {
  const HELD = 10
  const counts = new Map<string, { clicks: number; skips: number }>()
  const all = { clicks: 0, skips: 0 }
  return {
    add(terms, clicks, skips) {
      all.clicks += clicks
      all.skips += skips
      for (const term of terms) {
        let known = counts.get(term)
        if (known === undefined) counts.set(term, (known = { clicks: 0, skips: 0 }))
        known.clicks += clicks
        known.skips += skips
      }
    },
    of(terms) {
      const share = all.clicks + all.skips === 0 ? 0.5 : Math.min(0.99, Math.max(0.01, all.clicks / (all.clicks + all.skips)))
      let sum = 0
      for (const term of terms) {
        const known = counts.get(term)
        if (known !== undefined) sum += Math.log(((known.clicks + HELD * share) / (known.skips + HELD * (1 - share))) * ((1 - share) / share))
      }
      return sum / Math.max(1, terms.length)
    },
  }
}

/** The log-odds of words in stories that were shown. */
export function wordOdds(shown: readonly { terms: readonly string[]; clicks: number; skips: number }[]): (terms: readonly string[]) => number {
  const odds = countWords()
  for (const { terms, clicks, skips } of shown) odds.add(terms, clicks, skips)
  return odds.of
}
