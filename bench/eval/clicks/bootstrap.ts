import { chance } from './chance.ts'

/** One figure of each of two rankers, and whose list it is. */
export interface Pair {
  user: string
  ours: number
  theirs: number
}

/** A 95 % interval of the mean of ours − theirs: users are drawn again, each with all of their lists. */
export function pairedInterval(pairs: readonly Pair[], rounds = 1000): [number, number] {
  const users = new Map<string, { sum: number; count: number }>()
  for (const { user, ours, theirs } of pairs) {
    const known = users.get(user) ?? { sum: 0, count: 0 }
    users.set(user, { sum: known.sum + ours - theirs, count: known.count + 1 })
  }
  const all = [...users.values()]
  if (all.length === 0) return [0, 0]
  const next = chance(20_231_118)
  const means = Array.from({ length: rounds }, () => {
    let [sum, count] = [0, 0]
    for (let i = 0; i < all.length; i++) {
      const one = all[Math.floor(next() * all.length)]!
      sum += one.sum
      count += one.count
    }
    return sum / count
  }).toSorted((a, b) => a - b)
  return [means[Math.floor(rounds * 0.025)]!, means[Math.ceil(rounds * 0.975) - 1]!]
}
