import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const tests = resolve(import.meta.dirname, '..')
const rows = readFileSync(join(tests, 'FAULTS.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!fault )/.test(line))
  .map((line) => line.slice(2, -2).split(' | '))

test('every fault of the catalogue has an outcome, and the test that it names is there', () => {
  assert.ok(rows.length > 60, `only ${rows.length} rows were found`)
  for (const [fault, outcome, held = ''] of rows) {
    const [, file = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(held) ?? []
    assert.ok(outcome && existsSync(join(tests, file)) && title, `${fault}: no such test file: ${held}`)
    assert.ok(readFileSync(join(tests, file), 'utf8').includes(title.replaceAll('`', '')), `${fault}: ${file} has no test “${title}”`)
  }
})
