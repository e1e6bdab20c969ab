/** The newest ids, of this many at most. */
const most = 50_000

/**
 * Ids of events that the queue holds, as far as this instance knows: they are duplicates before any board has seen them. What is forgotten,
 * or known to another instance alone, counts once all the same.
 */
export class Held {
  readonly #ids = new Set<string>()

  has(game: string, id: string): boolean {
    return this.#ids.has(`${game} ${id}`)
  }

  add(game: string, id: string): void {
    this.#ids.add(`${game} ${id}`)
    for (const oldest of this.#ids) {
      if (this.#ids.size <= most) break
      this.#ids.delete(oldest)
    }
  }
}
