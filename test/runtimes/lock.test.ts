import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { lockDataFolder } from '../../src/runtimes/node/store/lock.ts'

const root = mkdtempSync(join(tmpdir(), 'pressroom-lock-'))
const children: ChildProcess[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})
const lockFile = new URL('../../src/runtimes/node/store/lock.ts', import.meta.url).href
let folders = 0
const folder = () => join(root, `data-${folders++}`)

/** Another process that takes the folder, does `onHeld`, says how that went, and then stays. */
async function holder(dir: string, onHeld = ''): Promise<{ child: ChildProcess; said: string }> {
  const code = `
    import { lockDataFolder } from ${JSON.stringify(lockFile)}
    try { lockDataFolder(${JSON.stringify(dir)}); ${onHeld}; console.log('held'); setInterval(() => {}, 1000) }
    catch (error) { console.log(error.code) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [data] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: data.toString().trim() }
}

const isLocked = (error: Error & { code?: string }) => error.code === 'locked'

test('a folder held by another process is refused, with its name and the way out', async () => {
  const dir = folder()
  await holder(dir)
  assert.throws(() => lockDataFolder(dir), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'locked')
    assert.ok(error.message.startsWith(dir))
    assert.match(error.message, /--data DIR/)
    return true
  })
})

test('a holder killed without warning frees the folder', async () => {
  const dir = folder()
  const { child } = await holder(dir)
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockDataFolder(dir).release()
})

test('of many processes that want a folder at once, one gets it', async () => {
  const dir = folder()
  const all = await Promise.all(Array.from({ length: 4 }, () => holder(dir)))
  assert.deepEqual(all.map(({ said }) => said).sort(), ['held', 'locked', 'locked', 'locked'])
})

test('garbage collection does not free the folder', async () => {
  const dir = folder()
  await holder(dir, `
    const { setFlagsFromString } = await import('node:v8'); setFlagsFromString('--expose-gc')
    const gc = (await import('node:vm')).runInNewContext('gc')
    for (let n = 0; n < 5; n++) { gc(); await new Promise((resolve) => setImmediate(resolve)) }`)
  assert.throws(() => lockDataFolder(dir), isLocked)
})

test('a released folder can be taken again', () => {
  const dir = folder()
  const lock = lockDataFolder(dir)
  assert.throws(() => lockDataFolder(dir), isLocked)
  lock.release()
  lock.release()
  lockDataFolder(dir).release()
})

test('a folder that cannot be made is a bad option', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  assert.throws(() => lockDataFolder(join(file, 'data')), (error: Error & { code?: string }) => error.code === 'bad_option' && error.message.startsWith('--data: '))
})
