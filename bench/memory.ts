import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in `/proc`, the same on every Linux of today. */
const TICKS = 100

/** Memory of a process and all it started, shared pages counted by their share (PSS), in MiB; Linux only. */
export function treeMib(root: number): number {
  return overTree(root, pssKib) / 1024
}

/** CPU time of a process and all it started, those that have ended too, in milliseconds; Linux only. */
export function treeCpuMs(root: number): number {
  // User and system time of its own, and of children that it waited for.
  return (overTree(root, (pid) => (statOf(pid)?.slice(11, 15) ?? []).reduce((sum, ticks) => sum + Number(ticks), 0)) / TICKS) * 1000
}

function overTree(root: number, measure: (pid: number) => number): number {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? statOf(Number(name))?.[1] : undefined
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)])
  }
  const sum = (pid: number): number => measure(pid) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0)
  return sum(root)
}

/** What `/proc` tells of a process from its state on. */
function statOf(pid: number): string[] | undefined {
  try {
    // The name, in brackets, may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  } catch {
    return undefined
  }
}

function pssKib(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
