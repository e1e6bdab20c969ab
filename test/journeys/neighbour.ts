import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { FunctionView } from '../../src/host/operator.ts'
import type { HostProcess } from './host-process.ts'

/** What the operator sees of one function. */
export async function viewOf(host: HostProcess, name: string): Promise<FunctionView> {
  const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
  return functions.find((one) => one.name === name)!
}

/** Runs a fault while the function `hello` of the same host is called without pause; fails when one of those calls does, or none was made. */
export async function besideNeighbour<T>(host: HostProcess, fault: () => Promise<T>): Promise<T> {
  let going = true
  let served = 0
  const failed: string[] = []
  const call = async () => {
    const answer = await fetch(`${host.url}/hello`)
    const text = await answer.text()
    if (answer.status === 200 && text === 'hello') served++
    else failed.push(`${answer.status} ${text}`)
  }
  const calls = (async () => {
    while (going) await call().catch((error: unknown) => failed.push(String(error)))
  })()
  let result: T
  try {
    result = await fault()
  } finally {
    going = false
    await calls
  }
  assert.deepEqual(failed, [], 'the neighbour is served as if nothing happened')
  assert.ok(served > 0)
  return result
}

/** MiB of memory that are a process's own: resident without what it shares. */
export function ownMemoryMib(pid: number): number {
  const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number)
  return ((resident! - shared!) * 4096) / 1024 / 1024
}

/** Runs something and answers by how many MiB the host's own memory was above its beginning at most, looked at every 20 ms. */
export async function hostGrowthMib(host: HostProcess, work: () => Promise<unknown>): Promise<number> {
  const before = ownMemoryMib(host.child.pid!)
  let most = before
  const look = () => (most = Math.max(most, ownMemoryMib(host.child.pid!)))
  const timer = setInterval(look, 20)
  try {
    await work()
    look()
  } finally {
    clearInterval(timer)
  }
  return most - before
}
