import { constants, setPriority } from 'node:os'
import { accessSync, constants as fs, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
/** AWS Lambda gives a function one whole CPU at this size. */
const ONE_CPU_MIB = 1769

/** Gives children CPU in proportion to their memory. */
export interface CpuWeight {
  /** For the start line: how it is done here. */
  readonly means: 'cgroup v2 cpu.weight' | 'nice'
  apply(pid: number, memoryMib: number): void
  forget(pid: number): void
}

/** Picks cgroup v2 where it is writable, else `nice`. */
export function createCpuWeight(): CpuWeight {
  const group = join(ROOT, `pressroom-${process.pid}`)
  try {
    accessSync(join(ROOT, 'cgroup.subtree_control'), fs.W_OK)
    writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+cpu')
    mkdirSync(group)
    writeFileSync(join(group, 'cgroup.subtree_control'), '+cpu')
  } catch {
    return { means: 'nice', apply: (pid, memory) => nice(pid, memory), forget() {} }
  }
  return {
    means: 'cgroup v2 cpu.weight',
    apply(pid, memory) {
      try {
        const own = join(group, String(pid))
        mkdirSync(own)
        writeFileSync(join(own, 'cpu.weight'), String(Math.max(1, Math.min(10_000, Math.round((100 * memory) / ONE_CPU_MIB)))))
        writeFileSync(join(own, 'cgroup.procs'), String(pid))
      } catch {
        nice(pid, memory)
      }
    },
    forget(pid) {
      try {
        rmdirSync(join(group, String(pid)))
      } catch {
        // Still dying, or never made: the kernel keeps an empty group, which costs nothing.
      }
    },
  }
}

/**
 * One CPU's worth of memory and more: niceness 0. A step of niceness is a factor of 1.25 in CPU, against everything on the
 * machine, the host included: so the ratio's square root is taken, or a small function would starve behind its own host
 * (measured: 128 MiB at 12 steps served a third of what it serves at 6).
 */
function nice(pid: number, memory: number) {
  const steps = Math.round(Math.log(ONE_CPU_MIB / Math.min(memory, ONE_CPU_MIB)) / Math.log(1.25) / 2)
  try {
    setPriority(pid, Math.min(constants.priority.PRIORITY_LOW, steps))
  } catch {
    // Not permitted or already gone: it runs at the host's priority.
  }
}
