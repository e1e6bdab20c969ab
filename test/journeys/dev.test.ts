import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { FunctionView } from '../../src/host/operator.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

/** Far more than a reload takes: the promise is a second, and a busy machine must not fail it. */
const SOON_MS = 10_000
const says = (words: string) => `export default { fetch: () => new Response('${words}') }\n`

let folder: FunctionFolder
let host: HostProcess
before(async () => {
  folder = makeFunctionFolder('functions/throws', 'functions/tick', 'functions/tick-throws')
  folder.write('page.ts', says('first'))
  host = await startHost({ ...folder, command: 'dev' })
})
after(async () => {
  assert.equal(await host.stop(), 0)
  folder[Symbol.dispose]()
})

async function text(path: string): Promise<string> {
  return (await fetch(host.url + path)).text()
}
const becomes = (path: string, words: string) => until(`${path} says ${words}`, async () => (await text(path)) === words, SOON_MS)

/** Asks for a page over and over from several clients until told to stop; answers all that was heard. */
function ask(path: string, clients: number): () => Promise<Map<string, number>> {
  let going = true
  const heard = new Map<string, number>()
  const note = (words: string) => heard.set(words, (heard.get(words) ?? 0) + 1)
  const work = async () => {
    while (going) {
      await fetch(host.url + path).then(async (answer) => note(`${answer.status} ${await answer.text()}`), (error: Error) => note(`lost: ${String(error.cause)}`))
    }
  }
  const all = Promise.all(Array.from({ length: clients }, work))
  return async () => {
    going = false
    await all
    return heard
  }
}

void suite('dev', () => {
  test('a changed function is served soon, and under constant load no call is lost', async () => {
    assert.equal(await text('/page'), 'first')
    const heardAll = ask('/page', 4)
    for (const words of ['second', 'third', 'fourth']) {
      folder.write('page.ts', says(words))
      await becomes('/page', words)
    }
    const heard = await heardAll()
    assert.deepEqual([...heard.keys()].sort(), ['200 first', '200 fourth', '200 second', '200 third'], JSON.stringify([...heard]))
    assert.equal(await text('/page'), 'fourth')
  })

  test('a call under way ends on the revision it began on', async () => {
    const slow = (words: string) => `export default { async fetch(r) { await new Promise((o) => setTimeout(o, Number(new URL(r.url).searchParams.get('ms') ?? 0))); return new Response('${words}') } }\n`
    folder.write('long.ts', slow('old'))
    await becomes('/long', 'old')
    const running = text('/long?ms=2000')
    folder.write('long.ts', slow('new'))
    await becomes('/long', 'new')
    assert.equal(await running, 'old')
  })

  test('a change in a file that a function imports is served too', async () => {
    folder.write('_words.ts', "export const words = 'imported'\n")
    folder.write('importer.ts', "import { words } from './_words.ts'\nexport default { fetch: () => new Response(words) }\n")
    await becomes('/importer', 'imported')
    folder.write('_words.ts', "export const words = 'changed'\n")
    await becomes('/importer', 'changed')
  })

  test('so is one in a file outside the folder of functions', async () => {
    folder.write('../elsewhere.ts', "export const words = 'from elsewhere'\n")
    folder.write('importer.ts', "import { words } from '../elsewhere.ts'\nexport default { fetch: () => new Response(words) }\n")
    await becomes('/importer', 'from elsewhere')
    folder.write('../elsewhere.ts', "export const words = 'elsewhere changed'\n")
    await becomes('/importer', 'elsewhere changed')
  })

  for (const [what, source, shown] of [
    ['a syntax error', 'export default { fetch: () => new Response( }\n', /page\.ts:1:\d+: Unexpected/],
    ['a crash at top level', "throw new Error('not today')\nexport default { fetch() {} }\n", /not today/],
    ['a bad config', "export const config = { memory: 'lots' }\nexport default { fetch: () => new Response('no') }\n", /config\.memory: expected .*, found "lots"/],
  ] as const) {
    test(`${what} keeps the last good revision and is shown; the next good one is served`, async () => {
      folder.write('page.ts', says('good'))
      await becomes('/page', 'good')
      const from = host.lines.length
      folder.write('page.ts', source)
      await until('the error is shown', () => host.lines.slice(from).some((line) => shown.test(line)), SOON_MS)
      await until('it says what is served', () => host.lines.slice(from).some((line) => /page.*still serving revision [0-9a-f]{12}/.test(line)), SOON_MS)
      assert.equal(await text('/page'), 'good')
      folder.write('page.ts', says(`mended after ${what}`))
      await becomes('/page', `mended after ${what}`)
    })
  }

  test('a new file is a new function, and a removed one is no longer there', async () => {
    assert.equal((await fetch(`${host.url}/late`)).status, 404)
    folder.write('late.ts', says('here I am'))
    await becomes('/late', 'here I am')
    folder.remove('late.ts')
    await until('it is gone', async () => (await fetch(`${host.url}/late`)).status === 404, SOON_MS)
    const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
    assert.ok(!functions.some(({ name }) => name === 'late'))
  })

  test('a route claimed twice changes nothing, and the log names both', async () => {
    const from = host.lines.length
    folder.write('page.ts', says('alone'))
    await becomes('/page', 'alone')
    folder.write('rival.ts', "export const config = { routes: ['/page'] }\nexport default { fetch: () => new Response('rival') }\n")
    await until('both are named', () => host.lines.slice(from).some((line) => /rival\.ts/.test(line) && /page\.ts/.test(line)), SOON_MS)
    assert.equal(await text('/page'), 'alone')
    folder.remove('rival.ts')
    folder.write('page.ts', says('still alone'))
    await becomes('/page', 'still alone')
  })

  test('two functions that claim one route are both served once one of them gives way', async () => {
    const claims = (route: string, words: string) => `export const config = { routes: ['${route}'] }\n${says(words)}`
    folder.write('left.ts', claims('/left', 'left'))
    folder.write('right.ts', claims('/right', 'right'))
    await becomes('/left', 'left')
    await becomes('/right', 'right')
    const from = host.lines.length
    folder.write('left.ts', claims('/right', 'left moved'))
    await until('both are named', () => host.lines.slice(from).some((line) => /left\.ts/.test(line) && /right\.ts/.test(line)), SOON_MS)
    assert.equal(await text('/right'), 'right')
    folder.write('right.ts', claims('/left', 'right moved'))
    await becomes('/right', 'left moved')
    await becomes('/left', 'right moved')
  })

  test('an error tells its text and its stack, with the line of the source', async () => {
    const answer = await fetch(`${host.url}/throws`)
    const { error } = (await answer.json()) as ErrorBody
    assert.equal(answer.status, 500)
    assert.equal(error.code, 'exception')
    assert.match(error.stack ?? '', /throws\.ts:\d+/)
    assert.ok(error.detail)
  })

  test('GET /cdn-cgi/handler/scheduled runs the schedule it names', async () => {
    const at = Date.UTC(2030, 0, 2, 3, 4)
    const fired = await fetch(`${host.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('*/5 * * * *')}&time=${at}`)
    assert.deepEqual([fired.status, await fired.text()], [200, 'ok'])
    assert.ok(((await (await fetch(`${host.url}/tick`)).json()) as { scheduledTime: number }[]).some(({ scheduledTime }) => scheduledTime === at))
    const failed = await fetch(`${host.url}/cdn-cgi/handler/scheduled?cron=0+*+*+*+*&format=json`)
    assert.deepEqual([failed.status, await failed.json()], [500, { outcome: 'exception', noRetry: false }])
    assert.equal((await fetch(`${host.url}/cdn-cgi/handler/scheduled?cron=1+1+1+1+*`)).status, 404)
    assert.equal((await fetch(`${host.url}/cdn-cgi/handler/scheduled?time=soon`)).status, 400)
  })
})

test('start offers no handler on the public port, and tells no stack', async () => {
  using own = makeFunctionFolder('functions/throws', 'functions/tick')
  await using plain = await startHost(own)
  assert.equal((await fetch(`${plain.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('*/5 * * * *')}`)).status, 404)
  const { error } = (await (await fetch(`${plain.url}/throws`)).json()) as ErrorBody
  assert.deepEqual(Object.keys(error).sort(), ['code', 'function', 'invocation', 'message'])
})
