import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from '../test/journeys/host-process.ts'
import { treeMib } from './memory.ts'
import { load, median, short } from './wrk.ts'

/** A host with so many functions. */
export interface ManyRow {
  functions: number
  /** Of the host and its cells before any call. */
  idle_mib: number
  /** With one busy function. */
  busy_mib: number
  /** Of one function at 32 connections, milliseconds. */
  p50_ms: number
}

/** What a function costs that is deployed and not called: memory and latency with 1 to 200 of them. */
export async function manyFunctions(counts: readonly number[], rounds: number, seconds: number): Promise<ManyRow[]> {
  const rows: ManyRow[] = []
  for (const functions of counts) {
    const folder = mkdtempSync(join(tmpdir(), 'pressroom-many-'))
    mkdirSync(join(folder, 'functions'))
    for (let i = 0; i < functions; i++) writeFileSync(join(folder, 'functions', `f${i}.ts`), `export default { fetch() { return new Response('hello ${i}') } }\n`)
    const host = await startHost({ functions: join(folder, 'functions'), cwd: folder })
    try {
      const idle = treeMib(host.child.pid!)
      const p50: number[] = []
      await load(`${host.url}/f0`, 32, seconds)
      for (let i = 0; i < rounds; i++) p50.push((await load(`${host.url}/f0`, 32, seconds)).p50)
      rows.push({ functions, idle_mib: short(idle, 1), busy_mib: short(treeMib(host.child.pid!), 1), p50_ms: short(median(p50)) })
    } finally {
      await host.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return rows
}
