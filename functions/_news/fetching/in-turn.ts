/** Runs pieces of work one after another, in the order they are given, whatever becomes of those before. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** A line of its own for the work of one invocation. */
export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const run = last.then(work, work)
    last = run.catch(() => undefined)
    return run
  }
}
