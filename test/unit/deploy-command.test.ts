import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { findEntry, readAssets } from '../../src/cli/commands/deploy/entry.ts'
import { sharesFor, tellShares } from '../../src/cli/commands/deploy/shares.ts'
import { bundleForUpload, stopBundler } from '../../src/runtimes/node/code/bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'pressroom-deploy-command-'))
const write = (file: string, text = '') => {
  mkdirSync(join(folder, file, '..'), { recursive: true })
  writeFileSync(join(folder, file), text)
  return join(folder, file)
}
after(async () => {
  await stopBundler()
  rmSync(folder, { recursive: true, force: true })
})

describe('what is deployed', () => {
  test('a file is called as it is, a folder as the folder, and so is the file of a folder that says nothing', () => {
    for (const file of ['shop.ts', 'cart/function.ts', 'cart/index.js', 'app/index.mjs', 'empty/readme.md', 'styles.css']) write(file)
    const found = (path: string) => {
      const { file, name } = findEntry(join(folder, path))
      return [file.slice(folder.length + 1), name]
    }
    assert.deepEqual(found('shop.ts'), ['shop.ts', 'shop'])
    assert.deepEqual(found('cart'), ['cart/function.ts', 'cart'])
    assert.deepEqual(found('cart/index.js'), ['cart/index.js', 'cart'])
    assert.deepEqual(found('app/'), ['app/index.mjs', 'app'])
    for (const path of ['empty', 'styles.css', 'nowhere.ts']) assert.throws(() => findEntry(join(folder, path)), { code: 'bad_option', message: /^deploy: / }, path)
  })

  test('static files are read below the folder, but for those that begin with a dot', () => {
    for (const file of ['public/a.txt', 'public/img/b.svg', 'public/.env', 'public/.git/config']) write(file, file)
    const files = readAssets(join(folder, 'public'))
    assert.deepEqual([...files].map(([path, bytes]) => [path, String(bytes)]), [['a.txt', 'public/a.txt'], ['img/b.svg', 'public/img/b.svg']])
    assert.throws(() => readAssets(join(folder, 'shop.ts')), { code: 'bad_option', message: /^--assets: expected a folder/ })
  })

  test('the bundle has no path of this machine in it, and is the same wherever the files lie', async () => {
    const bundles = await Promise.all(['here', 'there/below'].map(async (place) => {
      write(`${place}/words.ts`, "export const words: string = 'hello'")
      const { modules, inputs } = await bundleForUpload(write(`${place}/main.ts`, "import { words } from './words.ts'\nexport default { fetch: () => new Response(words) }"))
      assert.deepEqual(inputs.sort(), [join(folder, place, 'main.ts'), join(folder, place, 'words.ts')])
      return [...modules].map(([path, bytes]) => [path, Buffer.from(bytes).toString()] as const)
    }))
    assert.deepEqual(bundles[0], bundles[1])
    const [[path, code] = ['', '']] = bundles[0]!
    const map = Buffer.from(/base64,(\S+)/.exec(code)![1]!, 'base64').toString()
    assert.equal(path, 'index.mjs')
    assert.ok(!code.includes(folder) && !map.includes(folder))
    assert.deepEqual((JSON.parse(map) as { sources: string[] }).sources, ['words.ts', 'main.ts'])
  })
})

describe('what an alias points at after a deploy', () => {
  const a = { revision: 'a', weight: 100 }
  test('without a weight, the new revision alone', () => {
    assert.deepEqual(sharesFor('b', undefined, 'live', [{ revision: 'a', weight: 40 }, { revision: 'c', weight: 60 }]), [{ revision: 'b', weight: 100 }])
    assert.deepEqual(sharesFor('b', 100, 'live', [a]), [{ revision: 'b', weight: 100 }])
  })

  test('with a weight, the rest is for what served before', () => {
    assert.deepEqual(sharesFor('b', 10, 'live', [a]), [{ revision: 'b', weight: 10 }, { revision: 'a', weight: 90 }])
    assert.equal(tellShares(sharesFor('b', 10, 'live', [a])), 'b 10 %, a 90 %')
  })

  test('a canary that is deployed again gets another weight', () => {
    assert.deepEqual(sharesFor('b', 50, 'live', [{ revision: 'b', weight: 10 }, { revision: 'a', weight: 90 }]), [{ revision: 'b', weight: 50 }, { revision: 'a', weight: 50 }])
  })

  test('what serves alone already goes on serving alone', () => {
    assert.deepEqual(sharesFor('a', 10, 'live', [a]), [a])
  })

  test('nothing to share with, or two others, is refused with the way out', () => {
    assert.throws(() => sharesFor('b', 10, 'live', []), { code: 'bad_option', message: /leave it out/ })
    assert.throws(() => sharesFor('b', 10, 'live', [{ revision: 'a', weight: 1 }, { revision: 'c', weight: 99 }]), { code: 'bad_option', message: /live is split between a and c/ })
  })
})
