import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Socket } from 'node:net'
import { createCpuWeight } from './cpu-weight.ts'
import { startGuardian, type Guardian } from './guardian.ts'
import { ownModule } from './own-module.ts'

/** Memory in MiB of a class of cells; a heap limit is fixed when a process starts. */
export interface CellClass {
  memory: number
  native: boolean
}

/** A started child that is, or will be, ready to be given a function. */
export interface Cell {
  child: ChildProcess
  socket: Socket
  /** Rejects when it ends before it was ready. */
  ready: Promise<void>
}

/** Starts children and keeps some warm. */
export interface Cells {
  /**
   * A warm one where there is one of this class, else a new one; a replacement is started behind it.
   * @throws Error when the machine cannot start a process
   */
  take(wanted: CellClass): Cell
  /** How many are warm now. */
  warm(): number
  /** For the start line. */
  readonly means: { death: string; cpu: string }
  close(): void
}

/** What the cells of one host have in common. */
export interface CellOptions {
  /** How many to keep warm for each memory class in use. */
  warmCells: number
  /** Folders that function code may read. */
  readable: string[]
  /** Where V8 keeps compiled code. */
  compileCache: string
  /** Is given a new cell's socket before anything arrives on it; must resolve when the cell says ready. */
  greet(cell: { child: ChildProcess; socket: Socket }): Promise<void>
}

const RUNNER = ownModule(import.meta.dirname, '../child/runner')
const SETPRIV = '/usr/bin/setpriv'

/**
 * Threads of an instance for what the system does while it waits. Half of them at most look names up, and a name whose servers are silent holds
 * one for ten seconds: with Node's four, two such names would stop every other `fetch`. A hundred idle ones cost a MiB. Native code keeps
 * the four, since it computes in them.
 */
const THREADS = 128

/** Makes the cells of one host. */
export function createCells(options: CellOptions): Cells {
  const weight = createCpuWeight()
  const tether = process.platform === 'linux' && existsSync(SETPRIV)
  const guardian: Guardian | undefined = tether ? undefined : startGuardian()
  const stock = new Map<number, Cell[]>()
  let closed = false
  let refill: NodeJS.Timeout | undefined

  function open({ memory, native }: CellClass): Cell {
    const flags = [
      `--max-old-space-size=${Math.max(16, memory - 40)}`,
      '--max-semi-space-size=4',
      '--permission',
      '--allow-net',
      ...options.readable.map((folder) => `--allow-fs-read=${folder}`),
      `--allow-fs-read=${options.compileCache}`,
      `--allow-fs-write=${options.compileCache}`,
      ...(native ? ['--allow-addons'] : []),
      '--enable-source-maps',
      '--disable-warning=SecurityWarning',
      '--disable-warning=ExperimentalWarning',
    ]
    const [command, before] = tether ? [SETPRIV, ['--pdeathsig', 'KILL', '--', process.execPath]] : [process.execPath, []]
    const child = spawn(command, [...before, ...flags, RUNNER], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { NODE_COMPILE_CACHE: options.compileCache, ...(native ? {} : { UV_THREADPOOL_SIZE: String(THREADS) }), ...(process.env['TZ'] ? { TZ: process.env['TZ'] } : {}) },
      cwd: dirname(RUNNER),
    })
    // Node leaves the rest out when it finds no descriptor free.
    if ((child.stdio as typeof child.stdio | undefined) === undefined) {
      child.once('error', () => {})
      throw new Error('no file descriptors are left to start a process with; raise the limit (ulimit -n)')
    }
    const { pid } = child
    if (pid !== undefined) {
      weight.apply(pid, memory)
      guardian?.watch(pid)
      child.once('exit', () => {
        guardian?.forget(pid)
        weight.forget(pid)
      })
    }
    const socket = child.stdio[3] as Socket
    socket.on('error', () => {})
    const ready = options.greet({ child, socket })
    ready.catch(() => {})
    return { child, socket, ready }
  }

  /** A warm cell is worth no error: without it the next start takes longer, or says what is wrong. */
  function attempt(wanted: CellClass): Cell | undefined {
    try {
      return open(wanted)
    } catch {
      return undefined
    }
  }

  function stockUp() {
    refill = undefined
    if (closed) return
    for (const [memory, cells] of stock) {
      while (cells.length < options.warmCells) {
        const cell = attempt({ memory, native: false })
        if (!cell) return
        cells.push(cell)
        cell.child.once('exit', () => {
          const at = cells.indexOf(cell)
          if (at >= 0) cells.splice(at, 1)
        })
      }
    }
  }

  return {
    means: { death: tether ? 'setpriv --pdeathsig' : 'a guardian process', cpu: weight.means },
    take(wanted) {
      if (wanted.native) return open(wanted)
      const cells = stock.get(wanted.memory) ?? []
      stock.set(wanted.memory, cells)
      const cell = cells.shift() ?? open(wanted)
      // Behind the taken one's first work, not before it.
      refill ??= setTimeout(stockUp, 50)
      return cell
    },
    warm: () => [...stock.values()].reduce((sum, cells) => sum + cells.length, 0),
    close() {
      closed = true
      clearTimeout(refill)
      for (const cells of stock.values()) for (const { child } of cells) child.kill('SIGKILL')
      stock.clear()
      guardian?.close()
    },
  }
}
