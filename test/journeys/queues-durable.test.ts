import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import type { QueueView } from '../../src/host/operator.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { deliveries, makeQueueFolder, send } from './queue-folder.ts'

const KILLS = process.env['PRESSROOM_TEST_LONG'] ? 50 : 2
const WRITERS = 4
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
/** No message may be given up here: how often one is in flight when the host is killed is up to chance. */
const PATIENT = '[[queues.consumers]]\nqueue = "work"\nmax_batch_timeout = 0.05\nmax_retries = 100'

/** Sends one message after the other until the host is gone; answers those that were acknowledged. */
async function writeUntilGone(host: HostProcess, writer: string, first: () => void): Promise<string[]> {
  const kept: string[] = []
  for (let i = 0; ; i++) {
    const names = [`${writer}-${i}`, `${writer}-${i}b`]
    try {
      await send(host, ...names.map((name) => ({ name })))
    } catch (error) {
      // A refusal would be an answer; a connection that breaks is the end of the host.
      if (/^\d{3} /.test((error as Error).message)) throw error
      return kept
    }
    kept.push(...names)
    first()
    await pause(2)
  }
}

test(`killed ${KILLS} times with writers and consumers at work (PRESSROOM_TEST_SEED=${seed}): every acknowledged message is delivered`, async () => {
  using folder = makeQueueFolder(PATIENT)
  const acknowledged: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    await using host = await startHost(folder)
    let first = (): void => {}
    const writing = new Promise<void>((resolve) => (first = resolve))
    const writers = Array.from({ length: WRITERS }, (_, writer) => writeUntilGone(host, `k${kill}w${writer}`, first))
    await Promise.race([writing, Promise.all(writers)])
    await pause(((seed + kill * 7_919) % 500) + 1)
    host.child.kill('SIGKILL')
    await host.exited
    acknowledged.push(...(await Promise.all(writers)).flat())
  }
  assert.ok(acknowledged.length >= KILLS, 'something was acknowledged')
  await using host = await startHost(folder)
  await until('the queue is empty', async () => {
    const { queues } = await host.admin<{ queues: QueueView[] }>('/queues')
    return queues.find(({ queue }) => queue === 'work')?.messages === 0
  }, 120_000)
  const delivered = new Set((await deliveries(host)).map((name) => name.split('/')[0]))
  assert.deepEqual(acknowledged.filter((name) => !delivered.has(name)), [])
})

const strace = spawnSync('strace', ['-V']).status === 0 && spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0

test('send is answered after the log of the store was synced', { skip: !strace && 'needs strace, and the right to trace' }, async () => {
  using folder = makeQueueFolder(PATIENT)
  const trace = join(folder.cwd, 'trace')
  const marker = `marker-${seed}`
  const calls = 'trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg'
  {
    await using host = await startHost({ ...folder, program: ['strace', '-f', '-y', '-s', '9000', '-e', calls, '-o', trace, process.execPath, MAIN] })
    await send(host, { body: { name: marker }, delaySeconds: 600 })
    const { process: id } = await host.line((line) => line.includes('serving')).then((line) => ({ process: (JSON.parse(line) as { pid: number }).pid }))
    // The signal is for the host: strace passes none on.
    process.kill(id, 'SIGTERM')
    await host.exited
  }
  const lines = readFileSync(trace, 'latin1').split('\n')
  const sent = lines.findIndex((line) => line.includes(marker))
  const answer = lines.findIndex((line, index) => index > sent && line.includes('HTTP/1.1 200'))
  const write = lines.findLastIndex((line, index) => index < answer && /pwrite64\(\d+<[^>]*host\.db-wal>/.test(line) && line.includes(marker))
  const synced = lines.findIndex((line, index) => index > write && index < answer && endsSync(lines.slice(write), line, index - write))
  assert.ok(answer > 0, 'the answer is in the trace')
  assert.ok(write > 0, 'the message was written to the log before the answer')
  assert.ok(synced > write, 'the log was synced between the two')
})

/** True when a sync of the log returns in this line: as a whole, or begun in an earlier one of these lines by the same thread. */
function endsSync(lines: readonly string[], line: string, index: number): boolean {
  if (/^\d+ +f(data)?sync\(\d+<[^>]*host\.db-wal>\) += 0/.test(line)) return true
  const thread = /^(\d+) +<\.\.\. f(?:data)?sync resumed>\) += 0/.exec(line)?.[1]
  if (thread === undefined) return false
  const begun = lines.slice(0, index).findLast((one) => one.startsWith(`${thread} `) && /f(data)?sync\(/.test(one))
  return begun?.includes('host.db-wal>') ?? false
}
