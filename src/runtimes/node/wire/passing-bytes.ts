import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of buffers that may pass before the young ones are collected. */
const SWEEP_BYTES = 4 * 1024 * 1024

type Collect = (options: { type: 'minor' }) => void

let collect: Collect | undefined
let passed = 0

/**
 * Counts the bytes of bodies on their way through this process. Each of their buffers is dead once it was written, but V8 sees
 * few objects, puts the cheap collection of young ones off, and marks the whole heap for want of memory outside it instead:
 * two thirds of the CPU of a streamed MiB (measured). So the cheap one is asked for, every few MiB.
 */
export function countPassing(bytes: number): void {
  passed += bytes
  if (passed < SWEEP_BYTES) return
  passed = 0
  collect ??= expose()
  collect({ type: 'minor' })
}

function expose(): Collect {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as Collect
  setFlagsFromString('--no-expose-gc')
  return gc
}
