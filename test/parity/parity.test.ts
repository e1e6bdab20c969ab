import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runParity } from './hosts.ts'
import { known } from './known.ts'
import { oddities, programs } from './names.ts'

test('both hosts run every program', () => {
  const worker = readFileSync(join(import.meta.dirname, 'worker.js'), 'utf8')
  const imported = [...worker.matchAll(/^import \* as \w+ from '\.\.\/\.\.\/fixtures\/functions\/(?:workers\/)?([\w-]+)\.(?:js|ts)'/gm)].map(([, name]) => name!)
  assert.deepEqual(new Set(imported), new Set([...programs, ...oddities]))
  assert.deepEqual(new Set(readdirSync(join(import.meta.dirname, '../../fixtures/functions/workers'))), new Set(programs.map((name) => `${name}.js`)))
})

test('this host answers as workerd does, but for what is listed with a reason', { timeout: 300_000 }, async (t) => {
  const lines = await runParity()
  const different = lines.filter(({ same }) => !same)
  t.diagnostic(`${lines.length} requests, ${lines.length - different.length} alike, ${different.length} known differences`)
  assert.ok(lines.length >= 150, `${lines.length} requests`)
  assert.deepEqual(different.filter(({ reason }) => reason === null), [])
  const needed = new Set(different.map(({ request }) => request))
  assert.deepEqual(Object.keys(known).filter((request) => !needed.has(request)), [], 'reasons that nothing needs')
})
