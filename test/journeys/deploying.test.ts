import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'
import { ask, deployTo, uploadOf } from './uploads.ts'

const ROOT = join(import.meta.dirname, '../..')

/** What `deploy --json` prints. */
interface Deployed {
  function: string
  revision: string
  alias: string
  revisions: { revision: string; weight: number }[]
  routes: string[]
}

void describe('deploying to a running host', () => {
  const folder = makeFunctionFolder()
  const project = join(folder.cwd, 'project')
  const start = () => startHost({ functions: folder.functions, data: folder.data, cwd: folder.cwd })
  let host: HostProcess
  before(async () => {
    mkdirSync(project)
    folder.write('local.mjs', "export default { fetch() { return new Response('of the folder') } }")
    symlinkSync(join(ROOT, 'node_modules'), join(folder.cwd, 'node_modules'))
    host = await start()
  })
  after(async () => {
    await host.stop()
    folder[Symbol.dispose]()
  })

  const write = (file: string, source: string) => {
    mkdirSync(join(project, file, '..'), { recursive: true })
    writeFileSync(join(project, file), source)
    return join(project, file)
  }
  const run = async (...args: string[]) => {
    const { exited, lines } = runCommand(args, { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
    return { code: await exited, text: lines.join('\n') }
  }
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, text } = await run(...args, '--json')
    assert.equal(code, 0, text)
    return JSON.parse(text.slice(text.indexOf('{'))) as T
  }
  const get = async (path: string, init?: RequestInit) => (await fetch(host.url + path, init)).text()

  test('a plain Workers module: a route and no other change', async () => {
    const file = write('greeting.js', `
      export default {
        async fetch(request, env, ctx) {
          const { pathname, searchParams } = new URL(request.url)
          ctx.waitUntil(Promise.resolve())
          return Response.json({ pathname, name: searchParams.get('name'), env: typeof env, body: await request.text() }, { headers: { 'x-made-by': 'worker' } })
        },
      }`)
    const deployed = await json<Deployed>('deploy', file, '--route', 'POST /greet/:whom')
    assert.deepEqual([deployed.function, deployed.alias, deployed.revisions, deployed.routes], ['greeting', 'live', [{ revision: deployed.revision, weight: 100 }], ['POST /greet/:whom']])
    const answer = await fetch(`${host.url}/greet/ada?name=Ada`, { method: 'POST', body: 'hello' })
    assert.equal(answer.headers.get('x-made-by'), 'worker')
    assert.deepEqual(await answer.json(), { pathname: '/greet/ada', name: 'Ada', env: 'object', body: 'hello' })
  })

  test('a Hono app in TypeScript with its package, from a folder', async () => {
    write('app/index.ts', "import { Hono } from 'hono'\nimport { greeting } from './words.ts'\nconst app = new Hono()\napp.get('/app/:name', (c) => c.text(greeting(c.req.param('name'))))\nexport default app")
    write('app/words.ts', 'export const greeting = (name: string): string => `good day, ${name}`')
    const { code, text } = await run('deploy', join(project, 'app'))
    assert.equal(code, 0, text)
    assert.match(text, /bundled \d+ files of .*: [\d.]+ KiB to upload\nuploading app to http:.*\nrevision ([0-9a-f]{12}) is accepted\napp: live is \1 100 %\n {2}\/app\n {2}\/app\/\*/)
    assert.equal(await get('/app/ada'), 'good day, ada')
  })

  test('several modules as Workers knows them: code, JSON, text, data, WebAssembly, and static files of its own', async () => {
    // (module (func (export "seven") (result i32) i32.const 7))
    const wasm = Buffer.from('0061736d010000000105016000017f0302010007090105736576656e00000a06010400' + '41070b', 'hex')
    await deployTo(host, 'parts', uploadOf({
      'worker.js': `
        import { total } from './lib/total.mjs'
        import prices from './prices.json'
        import page from './page.html'
        import program from './seven.wasm'
        import data from './data.bin'
        export default {
          async fetch(request, env) {
            const { pathname } = new URL(request.url)
            if (pathname.startsWith('/parts/static/')) return env.ASSETS.fetch(new URL(pathname.slice('/parts/static'.length), 'http://assets'))
            const { exports } = await WebAssembly.instantiate(program)
            return Response.json({ total: total(prices), page, seven: exports.seven(), data: [...new Uint8Array(data)] })
          },
        }`,
      'lib/total.mjs': 'export const total = (prices) => Object.values(prices).reduce((sum, price) => sum + price, 0)',
      'prices.json': '{"bread":3,"milk":2}',
      'page.html': '<h1>Shop</h1>',
      'seven.wasm': wasm,
      'data.bin': Uint8Array.of(1, 0, 255),
    }, undefined, { 'logo.txt': 'a logo' }))
    assert.deepEqual(JSON.parse(await get('/parts')), { total: 5, page: '<h1>Shop</h1>', seven: 7, data: [1, 0, 255] })
    assert.equal(await get('/parts/static/logo.txt'), 'a logo')
  })

  test('an error of uploaded code names the file of its author', async () => {
    const file = write('fails.ts', "\nfunction fail(reason: string): never {\n  throw new Error(reason)\n}\nexport default { fetch: () => fail('out of paper') }")
    await json('deploy', file)
    assert.equal((await fetch(`${host.url}/fails`)).status, 500)
    const { text } = await run('logs', '--function', 'fails', '--level', 'error')
    assert.match(text, /out of paper[^]*fails\.ts:3:\d+/)
  })

  test('a weight shares the calls with what served before; rollback turns it back; what serves is not deleted', async () => {
    const one = await json<Deployed>('deploy', write('split.js', "export default { fetch: () => new Response('one') }"))
    const two = await json<Deployed>('deploy', write('split.js', "export default { fetch: () => new Response('two') }"), '--weight', '30')
    assert.deepEqual(two.revisions, [{ revision: two.revision, weight: 30 }, { revision: one.revision, weight: 70 }])
    const answers = new Set(await Promise.all(Array.from({ length: 60 }, (_, n) => get('/split', { headers: { 'pressroom-key': `reader ${n}` } }))))
    assert.deepEqual([...answers].sort(), ['one', 'two'])
    assert.match((await run('revisions', 'split')).text, new RegExp(`${two.revision} .* live 30 %\\n${one.revision} .* live 70 %`))
    const kept = await run('revisions', 'split', '--delete', two.revision)
    assert.deepEqual([kept.code, /409 conflict/.test(kept.text)], [1, true], kept.text)
    const third = await run('deploy', write('split.js', "export default { fetch: () => new Response('three') }"), '--weight', '10')
    assert.equal(third.code, 1)
    assert.match(third.text, /live is split between .* settle that first/)

    assert.equal((await run('rollback', 'split')).text, `split: live is ${one.revision} 100 %`)
    for (let n = 0; n < 10; n++) assert.equal(await get('/split', { headers: { 'pressroom-key': `reader ${n}` } }), 'one')
    assert.equal((await run('revisions', 'split', '--delete', two.revision)).code, 0)
    assert.ok(!(await run('revisions', 'split')).text.includes(two.revision))
  })

  test('a canary behind a gate that fails is taken back by itself, and the alias says why', async () => {
    const good = await json<Deployed>('deploy', write('gated.js', "export default { fetch: () => new Response('good') }"))
    const bad = await json<Deployed>('deploy', write('gated.js', "export default { fetch() { throw new Error('worse') } }"), '--weight', '50', '--gate', 'calls=5,errorRate=0.1')
    assert.equal(bad.revisions[0]?.weight, 50)
    const live = await until('the canary is taken back', async () => {
      await get('/gated')
      const { aliases } = await host.admin<{ aliases: { live: { revisions: object[]; why: string } } }>('/functions/gated/aliases')
      return aliases.live.revisions.length === 1 && aliases.live
    }, 60_000)
    assert.deepEqual(live.revisions, [{ revision: good.revision, weight: 100 }])
    assert.match(live.why, new RegExp(`${bad.revision} was taken back: `))
    assert.equal(await get('/gated'), 'good')
  })

  test('the same code is the same revision, wherever it lies', async () => {
    const source = "export default { fetch: () => new Response('same') }"
    const here = await json<Deployed>('deploy', write('here/same.js', source), '--name', 'same')
    const there = await json<Deployed>('deploy', write('there/below/same.js', source), '--name', 'same')
    assert.equal(here.revision, there.revision)
  })

  test('triggers change without the code; reset goes back to what it says; clashes are refused by name', async () => {
    await json('deploy', write('woken.js', "export const config = { routes: ['/first'] }\nexport default { fetch: () => new Response('woken'), scheduled() {} }"))
    assert.equal(await get('/first'), 'woken')
    const { code, text } = await run('trigger', 'add', 'woken', '--route', 'GET /second', '--cron', '*/5 * * * *')
    assert.equal(code, 0, text)
    assert.deepEqual([await get('/first'), await get('/second')], ['woken', 'woken'])
    assert.match((await run('cron')).text, /woken +\*\/5 \* \* \* \*/)
    await run('trigger', 'remove', 'woken', '--route', '/first')
    assert.equal((await fetch(`${host.url}/first`)).status, 404)
    const clash = await run('trigger', 'add', 'woken', '--route', '/local')
    assert.equal(clash.code, 1)
    assert.match(clash.text, /local/)
    assert.equal(await get('/second'), 'woken')
    const none = await run('trigger', 'remove', 'woken', '--route', '/nowhere')
    assert.match(none.text, /woken has no route "\/nowhere"; it has "GET \/second"/)
    const odd = await run('trigger', 'add', 'woken', '--bucket', 'photos')
    assert.equal(odd.code, 1, 'it has no queue handler')
    await run('trigger', 'reset', 'woken')
    assert.match((await run('trigger', 'list', 'woken')).text, /route +\/first +config/)
  })

  test('what the author or the host finds wrong is told with the way out, and exit code 1', async () => {
    const refusals: [string[], RegExp][] = [
      [['deploy', join(project, 'nothing.ts')], /there is no file or folder/],
      [['deploy', folder.functions], /has no function\.ts or index\.ts/],
      [['deploy', write('broken.ts', 'export default {')], /broken\.ts:1:16: /],
      [['deploy', write('silent.ts', 'console.log("said at start")\nexport const x = 1')], /422 revision_refused: .*export default must be an object[^]*It wrote:\nsaid at start/],
      [['deploy', write('local.ts', 'export default { fetch() {} }')], /409 conflict: .*local/],
      [['deploy', write('fresh.ts', 'export default { fetch() {} }'), '--weight', '10'], /nothing serves live yet that it could share with/],
      [['deploy', write('fresh.ts', 'export default { fetch() {} }'), '--weight', '0'], /from 1 to 100/],
      [['deploy', write('fresh.ts', 'export default { fetch() {} }'), '--gate', 'calls=5,errorRate=1'], /expected --weight beside it/],
      [['deploy', write('gated.js', 'export default { fetch() {} }'), '--weight', '5', '--gate', 'calls=0,errorRate=1'], /gate\.calls: expected a whole number/],
      [['rollback', 'nobody'], /404 not_found/],
      [['revisions', 'nobody'], /404 not_found/],
      [['trigger', 'add', 'local'], /name at least one --route, --cron, --queue or --bucket/],
    ]
    for (const [args, told] of refusals) {
      const { code, text } = await run(...args)
      assert.equal(code, 1, `${args.join(' ')}: ${text}`)
      assert.match(text, told)
    }
  })

  test('a restart brings all of it back: revisions, aliases, weights, triggers, static files', async () => {
    await run('trigger', 'add', 'woken', '--route', '/woken-again')
    const list = async () => {
      const { functions } = await host.admin<{ functions: { name: string; revision: string; routes: string[] }[] }>('/functions')
      const views = functions.map(({ name, revision, routes }) => ({ name, revision, routes })).sort((a, b) => a.name.localeCompare(b.name))
      return [views, await host.admin('/functions/split/revisions'), await host.admin('/functions/split/aliases'), await host.admin('/functions/woken/triggers')]
    }
    const before = await list()
    assert.equal(await host.stop(), 0)
    host = await start()
    assert.deepEqual(await list(), before)
    assert.deepEqual([await get('/app/ada'), await get('/woken-again'), await get('/local'), await get('/parts/static/logo.txt')], ['good day, ada', 'woken', 'of the folder', 'a logo'])
    assert.equal((await ask(host, '/functions/app/revisions', 'POST', {})).status, 400)
  })

  test('a revision whose files are gone keeps the host from nothing, says so, and is healed by another upload of it', async () => {
    const { revision } = await json<Deployed>('deploy', join(project, 'greeting.js'), '--route', 'POST /greet/:whom')
    assert.equal(await host.stop(), 0)
    rmSync(join(folder.data, 'uploads/greeting', revision), { recursive: true })
    host = await start()
    assert.ok(host.lines.some((line) => line.includes(`greeting (uploaded, revision ${revision}): its files are gone`)), host.lines.join('\n'))
    assert.equal(await get('/app/ada'), 'good day, ada')
    assert.notEqual((await fetch(`${host.url}/greet/ada`, { method: 'POST' })).status, 200)
    const again = await json<Deployed>('deploy', join(project, 'greeting.js'), '--route', 'POST /greet/:whom')
    assert.equal(again.revision, revision)
    assert.equal((await fetch(`${host.url}/greet/ada`, { method: 'POST' })).status, 200)
  })
})
