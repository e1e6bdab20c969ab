import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from '../test/journeys/host-process.ts'
import { median, short } from './wrk.ts'

/** Medians in milliseconds, and as ratios to a plain fork in the same run. */
export interface ColdStarts {
  plain_fork_ms: number
  without_cell_ms: number
  with_warm_cell_ms: number
  without_cell_to_fork: number
  with_warm_cell_to_fork: number
}

/** First byte of a function that has no instance, with and without a warm cell, against the first message of a plain fork. */
export async function coldStarts(samples: number): Promise<ColdStarts> {
  const forks: number[] = []
  for (let i = 0; i < samples; i++) forks.push(await plainFork())
  const fork = median(forks)
  const without = median(await firstBytes(0, samples))
  const cell = median(await firstBytes(2, samples))
  return {
    plain_fork_ms: short(fork, 1),
    without_cell_ms: short(without, 1),
    with_warm_cell_ms: short(cell, 1),
    without_cell_to_fork: short(without / fork),
    with_warm_cell_to_fork: short(cell / fork),
  }
}

/** Each sample is another function of the same host. */
async function firstBytes(warmCells: number, samples: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-cold-'))
  mkdirSync(join(folder, 'functions'))
  for (let i = 0; i < samples; i++) writeFileSync(join(folder, 'functions', `f${i}.ts`), `export default { fetch() { return new Response('hello ${i}') } }\n`)
  const host = await startHost({ functions: join(folder, 'functions'), cwd: folder, flags: ['--warm-cells', String(warmCells)] })
  const times: number[] = []
  try {
    await (await fetch(`${host.url}/nothing`)).text()
    for (let i = 0; i < samples; i++) {
      // Time for a cell to be replaced: what is asked here is a start, not a storm.
      await new Promise((resolve) => setTimeout(resolve, 400))
      const began = performance.now()
      await (await fetch(`${host.url}/f${i}`)).text()
      times.push(performance.now() - began)
    }
  } finally {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return times
}

function plainFork(): Promise<number> {
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'peers/fork.ts'), [join(import.meta.dirname, 'peers/pressroom/hello.ts')], { stdio: 'ignore' })
  return new Promise((resolve) => child.once('message', () => {
    resolve(performance.now() - began)
    child.kill()
  }))
}
