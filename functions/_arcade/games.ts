/** The rules of a game. */
export interface Game {
  title: string
  /** What a board shows of a player: the best single score, or the sum of all: of whole scores, since what others add up to depends on their order. */
  board: 'best' | 'total'
  /** Which score wins. */
  wins: 'highest' | 'lowest'
  /** What one score event may say; anything else is impossible. */
  score: { min: number; max: number; whole: boolean; unit: string }
  /** Names that an achievement may have. */
  achievements: readonly string[]
}

/** The games that are played here, by name. A new one is a new entry. */
export const games: Readonly<Record<string, Game>> = {
  // Five seconds; nobody presses a button more than twenty times in one.
  taps: { title: 'Taps', board: 'best', wins: 'highest', score: { min: 0, max: 100, whole: true, unit: 'taps' }, achievements: ['first-run', 'fifty'] },
  quest: { title: 'Quest', board: 'total', wins: 'highest', score: { min: 1, max: 1000, whole: true, unit: 'points' }, achievements: ['dragon', 'treasure', 'thousand'] },
  // A hundred metres; the record is 9.58 s.
  sprint: { title: 'Sprint', board: 'best', wins: 'lowest', score: { min: 9.58, max: 60, whole: false, unit: 'seconds' }, achievements: ['under-ten'] },
}

/** The game of a name; undefined where there is none. */
export function gameOf(name: string): Game | undefined {
  return Object.hasOwn(games, name) ? games[name] : undefined
}

/** A score as it is stored, where the higher always wins; and back again. */
export function ranked({ wins }: Game, score: number): number {
  // Without the sum, a lowest score of 0 were −0.
  return wins === 'highest' ? score : 0 - score
}
