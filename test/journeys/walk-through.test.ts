import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost } from './host-process.ts'

const ROOT = join(import.meta.dirname, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The fenced blocks of one section, in order. */
function blocks(section: string, language: string): string[] {
  const [, text = ''] = README.split(`## ${section}\n`)
  const own = text.split(/^## /m)[0]!
  return [...own.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block!)
}

test('from a file to its bill: the README step by step', async () => {
  using folder = makeFunctionFolder()
  await using host = await startHost(folder)
  const [code] = blocks('From a file to its bill', 'ts')
  const steps = blocks('From a file to its bill', 'sh')
  assert.equal(steps.length, 4)
  folder.write('../greet.ts', code!)
  const run = (step: string) =>
    new Promise<string>((done, failed) => {
      const script = `set -e\npressroom() { "${process.execPath}" "${join(ROOT, 'src/cli/main.ts')}" "$@"; }\n${step.replaceAll('http://127.0.0.1:8787', host.url)}`
      execFile('bash', ['-c', script], { cwd: folder.cwd, env: { ...process.env, PRESSROOM_ADMIN_URL: host.adminUrl } }, (error, stdout, stderr) => {
        if (error) failed(new Error(`${step}\n${stdout}\n${stderr}`))
        else done(stdout)
      })
    })
  const [deploy, trigger, watch, read] = steps as [string, string, string, string]

  assert.match(await run(deploy), /^greet: live is [0-9a-f]{12} 100 %\n {2}GET \/hello\/:name/)
  assert.deepEqual(await (await fetch(`${host.url}/hello/ada`)).json(), { hello: 'ada', served: 1 })

  assert.match(await run(trigger), /cron +\*\/15 \* \* \* \*.*\nok [0-9a-f-]{36}/s)

  const row = (text: string, name: string) => text.split('\n').find((line) => line.startsWith(`${name} `))!.split(/ {2,}/)
  const [, state, , instances, , invocations, errors] = row(await run(watch), 'greet')
  assert.deepEqual([state, errors], ['active', '0'])
  assert.equal(Number(invocations), 102)
  assert.ok(Number(instances) >= 2 && Number(instances) <= 4, `${instances} instances`)

  const [, told, failed, , , billedMs, , , cost] = row(await run(read), 'total')
  assert.deepEqual([told, failed], ['102', '0'])
  const { invocations: records } = await host.admin<{ invocations: { billed_ms: number; cost_usd: number; trigger: string }[] }>('/invocations?limit=1000')
  assert.deepEqual([records.length, records.filter(({ trigger: woke }) => woke === 'timer').length], [102, 1])
  assert.equal(Number(billedMs!.replaceAll(',', '')), records.reduce((sum, record) => sum + record.billed_ms, 0))
  assert.match(cost!, /^\$0\.0000/)
})
