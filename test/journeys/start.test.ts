import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { suite, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { runCommand, startHost } from './host-process.ts'

/** Tries to start it; answers exit code and output. */
async function start(folder: FunctionFolder, ...flags: string[]): Promise<{ code: number | null; output: string }> {
  const { exited, lines } = runCommand(['start', '--port', '0', '--admin-port', '0', '--functions', folder.functions, '--data', folder.data, ...flags], folder)
  const code = await exited
  return { code, output: lines.join('\n') }
}

/** What a start says about each fixture: where the problem is, what was expected, what was found. */
const broken: Record<string, RegExp[]> = {
  'bad-cron': [/bad-cron\.ts: config\.schedules: /, /"0 9 \* \* 0"/, /1|SUN/],
  'crash-at-start': [/crash-at-start \(.*crash-at-start\.ts\): did not load: .*crashed at the top level\n +at .*functions\/crash-at-start\.ts:2:\d+/],
  'exit-at-start': [/exit-at-start\.ts\): did not load: .*ended with code 3/],
  'missing-import': [/missing-import\.ts:2:\d+: .*not-there\.ts/],
  'needs-binding': [/needs-binding\.ts: config\.env: expected a name of .*, found "NOBODY_HAS_THIS"/],
  'no-handlers': [/no-handlers\.ts\): .*export default must be an object with fetch, scheduled or queue/],
  'syntax-error': [/syntax-error\.ts:5:\d+: Expected "\)"/],
  'unknown-field': [/unknown-field\.ts: config\.timeOut: expected one of .*, found "timeOut"; did you mean timeout\?/],
  'wrong-type': [
    /wrong-type\.ts: config\.memory: expected a whole number from 64 to 10240 \(MiB\), found "1 GB"/,
    /wrong-type\.ts: config\.timeout: expected a number from 1 to 900 \(seconds\), found 0/,
    /wrong-type\.ts: config\.outbound: expected "public" or "none", found "private"/,
  ],
}

// Side by side: the longest of them waits ten seconds for a module that never loads.
void suite('start', { concurrency: 3 }, () => {
  for (const [name, expected] of Object.entries(broken)) {
    test(`${name} is refused at start with its file and its problem`, async () => {
      using folder = makeFunctionFolder('functions/hello', `broken/${name}`)
      const { code, output } = await start(folder)
      assert.equal(code, 1, output)
      for (const words of expected) assert.match(output, words)
      assert.doesNotMatch(output, /serving \d+ function/)
      assert.doesNotMatch(output, /hello\.ts/, 'only what is wrong is listed')
    })
  }

  test('two functions on one route are refused with both names', async () => {
    using folder = makeFunctionFolder('broken/same-route-a', 'broken/same-route-b')
    const { code, output } = await start(folder)
    assert.equal(code, 1, output)
    assert.match(output, /same-route-b\.ts: config\.routes: "GET \/same" takes the same requests as "GET \/same" of .*same-route-a\.ts/)
  })

  test('all that is wrong is told in one start, an endless loop at top level too', async () => {
    const names = [...Object.keys(broken), 'loop-at-start', 'same-route-a', 'same-route-b']
    using folder = makeFunctionFolder(...names.map((name) => `broken/${name}`))
    folder.write('waits-at-start.ts', 'await new Promise(() => {})\nexport default { fetch: () => new Response() }')
    folder.write('twice.ts', 'export default { fetch: () => new Response() }')
    folder.write('twice.js', 'export default { fetch: () => new Response() }')
    folder.write('odd name.ts', 'export default { fetch: () => new Response() }')
    folder.write('odd-handler.ts', 'export default { fetch: () => new Response(), scheduled: 5, queue: null }')
    const { code, output } = await start(folder)
    assert.equal(code, 1, output)
    for (const expected of Object.values(broken)) for (const words of expected) assert.match(output, words)
    assert.match(output, /loop-at-start\.ts\): did not load within 10 s: it still computes; is there an endless loop at top level\?/)
    assert.match(output, /waits-at-start\.ts\): did not load within 10 s: it waits for something; is there an `await` that never settles at top level\?/)
    assert.match(output, /twice \(.*twice\.js\): the name twice is taken more than once, also by .*twice\.ts; rename or remove all but one/)
    assert.match(output, /odd name\.ts\): name: expected .*, found "odd name"; rename the file/)
    assert.match(output, /odd-handler\.ts\): did not load: .*scheduled: expected a function, found 5; queue: expected a function, found null/)
    assert.match(output, /"GET \/same" takes the same requests/)
  })

  test('routes, schedules, zones and names of a config are checked even where its fields are wrong', async () => {
    using folder = makeFunctionFolder('functions/hello')
    folder.write('all-wrong.ts', `
      export const config = {
        memory: 'lots',
        routes: ['GET /fine', 'get /low', 7],
        schedules: ['0 9 * * 0', { cron: '* * * * *', timeZone: 'Nowhere/Atlantis' }, { cron: '* * * * *', overlap: 'never' }],
        env: ['NOT_THERE', 'NOR_THIS'],
      }
      export default { fetch: () => new Response(), scheduled() {} }
    `)
    folder.write('fine.ts', "export const config = { routes: ['GET /fine'] }\nexport default { fetch: () => new Response() }")
    const { code, output } = await start(folder)
    assert.equal(code, 1, output)
    for (const words of [
      /config\.memory: expected .*, found "lots"/, /config\.routes\[2\]: expected .*, found 7/, /"get \/low": .*write GET/,
      /"0 9 \* \* 0"/, /Nowhere\/Atlantis/, /config\.schedules\[2\]\.overlap: .*found "never"/, /found "NOT_THERE"/, /found "NOR_THIS"/,
    ]) assert.match(output, words)
    assert.equal(output.match(/all-wrong\.ts: config\./g)?.length, 8, output)
  })

  test('functions that do not fit together are told all at once', async () => {
    using folder = makeFunctionFolder()
    for (const [name, parameter] of [['one', ':id'], ['two', ':name']]) {
      folder.write(`${name}.ts`, `
        export const config = { routes: ['GET /story/${parameter}'], queues: ['letters'] }
        export default { fetch: () => new Response(), queue() {} }
      `)
    }
    const { code, output } = await start(folder)
    assert.equal(code, 1, output)
    assert.match(output, /two\.ts: config\.routes: "GET \/story\/:name" takes the same requests as "GET \/story\/:id" of .*one\.ts; change one of them/)
    assert.match(output, /config\.queues: expected one function per queue, found "letters"/)
  })

  test('a missing folder of functions is named, with the way out', async () => {
    using folder = makeFunctionFolder()
    const { code, output } = await start({ ...folder, functions: `${folder.cwd}/nowhere` })
    assert.equal(code, 1, output)
    assert.match(output, /there is no folder .*nowhere; create it or name another with --functions/)
  })

  test('a port in use is named, with the way out', async () => {
    using folder = makeFunctionFolder('functions/hello')
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    for (const flag of ['--port', '--admin-port']) {
      const { code, output } = await start(folder, flag, String(port))
      assert.equal(code, 1, output)
      assert.match(output, new RegExp(`port ${port} is in use; choose another with ${flag}`))
    }
    other.close()
  })

  test('a second start on one data folder says so, and the first serves on', async () => {
    using folder = makeFunctionFolder('functions/hello')
    await using first = await startHost(folder)
    const { code, output } = await start(folder)
    assert.equal(code, 1, output)
    assert.match(output, /data is in use by another running host.*--data/)
    assert.equal(await (await fetch(`${first.url}/hello`)).text(), 'hello')
  })

  test('a revision that loaded before and fails now: the host starts, answers 502 at once, and tries again ever more rarely', async () => {
    using folder = makeFunctionFolder('functions/hello')
    folder.write('moody.ts', `
      console.log('an instance of moody begins')
      if (process.env.MOOD === 'bad') throw new Error('in a bad mood')
      export const config = { env: ['MOOD'] }
      export default { fetch: () => new Response('fine') }
    `)
    const good = await startHost({ ...folder, env: { MOOD: 'good' } })
    assert.equal(await (await fetch(`${good.url}/moody`)).text(), 'fine')
    assert.equal(await good.stop(), 0)

    await using host = await startHost({ ...folder, env: { MOOD: 'bad' } })
    const began = performance.now()
    let calls = 0
    while (performance.now() - began < 2_500) {
      const answer = await fetch(`${host.url}/moody`)
      const { error } = (await answer.json()) as ErrorBody
      assert.deepEqual([answer.status, error.code, error.function], [502, 'init_failed', 'moody'])
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      assert.deepEqual(Object.keys(error).sort(), ['code', 'function', 'invocation', 'message'])
      calls++
    }
    const begun = host.lines.filter((line) => line.includes('an instance of moody begins')).length
    // Pauses of 0.5, 1, 2 … s: whatever the machine's speed, so many starts fit into the time that passed.
    const most = Math.floor(Math.log2((performance.now() - began) / 500 + 1)) + 1
    assert.ok(begun >= 1 && begun <= most, `${begun} instances began during ${calls} calls; expected 1 to ${most}`)
    assert.ok(calls > 2 * most, `${calls} calls are too few to tell`)
    assert.ok(host.lines.some((line) => line.includes('in a bad mood')), 'the log tells why')
    assert.equal(await (await fetch(`${host.url}/hello`)).text(), 'hello')
  })

  test('--help tells every option and its default, and exits 0', async () => {
    for (const args of [['--help'], ['start', '--help'], ['dev', '--help']]) {
      const { exited, lines } = runCommand(args)
      assert.equal(await exited, 0, lines.join('\n'))
      assert.match(lines.join('\n'), args.length === 1 ? /start[^]*dev[^]*cron/ : /--port <n>[^]*8787[^]*--memory <size>[^]*70%/)
    }
  })

  test('a value that cannot be used is named with what was expected and found', async () => {
    using folder = makeFunctionFolder('functions/hello')
    const { code, output } = await start(folder, '--memory', 'lots')
    assert.equal(code, 1, output)
    assert.match(output, /--memory: expected .*, found "lots"/)
  })
})
