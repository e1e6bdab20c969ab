import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { withCrons } from '../../src/runtimes/node/workers-check/workers-file.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { runCommand } from './host-process.ts'

async function check(folder: FunctionFolder, toml: string, ...flags: string[]): Promise<{ code: number | null; output: string; config: string }> {
  folder.write('../wrangler.toml', toml)
  const config = `${folder.functions}/../wrangler.toml`
  const { exited, lines } = runCommand(['check', '--functions', folder.functions, '--config', config, ...flags], folder)
  return { code: await exited, output: lines.join('\n'), config }
}

const deployed = 'compatibility_date = "2026-11-17"\ncompatibility_flags = ["nodejs_compat"]\n'

test('a schedule that Workers cannot express is refused, by function and field', async () => {
  using folder = makeFunctionFolder()
  folder.write('report.ts', `export const config = { schedules: [{ cron: '0 9 * * *', timeZone: 'Europe/Berlin', overlap: 'allow', atStart: true }, { cron: '0 9 * * 0', dialect: 'unix' }] }
    export default { scheduled() {} }`)
  const { code, output } = await check(folder, `${deployed}[triggers]\ncrons = ["0 9 * * *", "0 9 * * 0"]\n`)
  assert.equal(code, 1, output)
  for (const field of ['timeZone', 'overlap', 'atStart', 'dialect']) {
    assert.match(output, new RegExp(`refused +\\S+report\\.ts: config\\.schedules "[^"]+": ${field}: .* \\[report:${field}\\]`))
  }
  const allowed = await check(folder, `${deployed}[triggers]\ncrons = ["0 9 * * *", "0 9 * * 0"]\n`, ...['timeZone', 'overlap', 'atStart', 'dialect'].flatMap((field) => ['--allow', `report:${field}`]))
  assert.equal(allowed.code, 0, allowed.output)
})

test('what wrangler.toml and the functions say otherwise is told, and the crons can be mended', async () => {
  using folder = makeFunctionFolder('functions/hello')
  folder.write('tidy.ts', `export const config = { schedules: ['0 3 * * *'], queues: ['work'], env: ['KEY', 'TOKEN'] }
    export default { scheduled() {}, queue() {} }`)
  const toml = '# mine\nname = "shop"\n\n[vars]\nKEY = "a"\n\n[triggers] # the clock\n# every day\ncrons = [\n  "0 4 * * *",\n]\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "00000000000000000000000000000000"\n'
  const { code, output, config } = await check(folder, toml)
  assert.equal(code, 1, output)
  for (const words of [
    /differs +\[triggers\] crons lacks "0 3 \* \* \*" of tidy/, /differs +\[triggers\] crons has "0 4 \* \* \*", which no function declares/,
    /differs +\S+tidy\.ts: config\.env: "TOKEN" is neither a variable nor a binding/, /differs +tidy consumes the queue "work", which has no \[\[queues\.consumers\]\]/,
    /differs +compatibility_date is missing/, /differs +compatibility_flags lacks "nodejs_compat"/, /note +id of CACHE is a placeholder/, /6 things to mend; --fix writes the crons/,
  ]) assert.match(output, words)
  assert.doesNotMatch(output, /"KEY"/)
  assert.equal(readFileSync(config, 'utf8'), toml, 'nothing is written unasked')

  const fixed = await check(folder, toml, '--fix')
  assert.equal(fixed.code, 1)
  assert.match(fixed.output, /fixed +\[triggers\] crons = \["0 3 \* \* \*"\]/)
  assert.doesNotMatch(fixed.output, /crons (lacks|has)/)
  assert.equal(readFileSync(config, 'utf8'), toml.replace('crons = [\n  "0 4 * * *",\n]', 'crons = ["0 3 * * *"]'))
})

test('a function that does not load is told alone, and nothing is written', async () => {
  using folder = makeFunctionFolder('functions/tick', 'broken/crash-at-start')
  const { code, output, config } = await check(folder, deployed, '--fix')
  assert.equal(code, 1)
  assert.match(output, /failed +crash-at-start .*crashed at the top level/)
  assert.doesNotMatch(output, /differs/)
  assert.equal(readFileSync(config, 'utf8'), deployed)
})

test('crons are added to a file without triggers, and put first into a table without them', () => {
  assert.equal(withCrons('name = "a"\n', ['0 3 * * *']), 'name = "a"\n\n[triggers]\ncrons = ["0 3 * * *"]\n')
  assert.equal(withCrons('[triggers]\n[vars]\nA = "b"\n', ['0 3 * * *']), '[triggers]\ncrons = ["0 3 * * *"]\n[vars]\nA = "b"\n')
  assert.equal(withCrons('[triggers]\ncrons = []\n', ['0 3 * * *', '$& *']), '[triggers]\ncrons = ["0 3 * * *", "$& *"]\n')
})

test('the functions of this project run on Workers but for the tick at start, which nobody misses there', async () => {
  const { exited, lines } = runCommand(['check', '--allow', 'ingest:atStart'])
  assert.equal(await exited, 0, lines.join('\n'))
})
