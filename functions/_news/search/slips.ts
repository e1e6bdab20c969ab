/** Letters that may be missing or wrong, by how a word is written. */
const alphabets = [/^[a-z]+$/, /^[\u0430-\u045f]+$/, /^[\u03ac-\u03ce]+$/].map((written, i) => ({ written, letters: [lettersFrom('a', 26), lettersFrom('\u0430', 32), lettersFrom('\u03b1', 25)][i]! }))

function lettersFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => String.fromCodePoint(first.codePointAt(0)! + i))
}

/** All that is one slip away from a word: two letters swapped, one too many, one wrong, one missing, in this order. */
export function neighbours(word: string): string[] {
  const letters = alphabets.find(({ written }) => written.test(word))?.letters ?? []
  const ends = Array.from({ length: word.length + 1 }, (_, i) => [word.slice(0, i), word.slice(i)] as const)
  const all = [
    ...ends.flatMap(([head, tail]) => (tail.length < 2 ? [] : [`${head}${tail[1]}${tail[0]}${tail.slice(2)}`])),
    ...ends.flatMap(([head, tail]) => (tail === '' ? [] : [head + tail.slice(1)])),
    ...ends.flatMap(([head, tail]) => (tail === '' ? [] : letters.map((letter) => head + letter + tail.slice(1)))),
    ...ends.flatMap(([head, tail]) => letters.map((letter) => head + letter + tail)),
  ]
  return [...new Set(all)].filter((one) => one !== word)
}

/** Letters to be added, removed, changed or swapped to make one word of another; more than `most` is told as `most + 1`. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    ;[before, last] = [last, row]
  }
  return last[b.length]!
}
