/** Words as they are compared: a vector of length one. */
export type WordVector = ReadonlyMap<string, number>

/** How rare each term is among many documents: `log(documents / documents with it)`. */
export function rarity(documents: readonly (readonly string[])[]): (term: string) => number {
  const frequency = new Map<string, number>()
  for (const terms of documents) for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1)
  return (term) => Math.log(Math.max(1, documents.length) / (frequency.get(term) ?? 1))
}

/** The vector of a document (TF-IDF; each term counts once). */
export function vectorOf(terms: readonly string[], rare: (term: string) => number): WordVector {
  const vector = new Map(terms.map((term) => [term, rare(term)]))
  return scaled(vector)
}

/** What a reader's stories have in common: the mean direction of their vectors, each as strong as it is felt. */
export function centroid(vectors: readonly { vector: WordVector; weight: number }[]): WordVector {
  const sum = new Map<string, number>()
  for (const { vector, weight } of vectors) for (const [term, value] of vector) sum.set(term, (sum.get(term) ?? 0) + weight * value)
  return scaled(sum)
}

/** Likeness to what was liked, less likeness to what was skipped: −1 … 1. */
export function taste(vector: WordVector, liked: WordVector, skipped: WordVector): number {
  let sum = 0
  for (const [term, value] of vector) sum += value * ((liked.get(term) ?? 0) - (skipped.get(term) ?? 0))
  return sum
}

function scaled(vector: ReadonlyMap<string, number>): WordVector {
  let square = 0
  for (const value of vector.values()) square += value * value
  const length = Math.sqrt(square) || 1
  return new Map([...vector].map(([term, value]) => [term, value / length]))
}
