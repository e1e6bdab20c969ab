import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouteTable, type RouteTable } from '../../src/routing/route-table.ts'

function table(routes: Record<string, string[]>): RouteTable {
  return createRouteTable(Object.entries(routes).map(([name, list]) => ({ name, file: `functions/${name}.ts`, routes: list })))
}

/** The function that answers, the methods allowed, or null. */
function answer(routes: RouteTable, method: string, path: string): string | string[] | null {
  const match = routes.match(method, path)
  return match.kind === 'function' ? match.name : match.kind === 'method_not_allowed' ? match.allow : null
}

/** Each order of a list: a rule that must not depend on load order is tried in all of them. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]]
  return list.flatMap((item, index) => orders(list.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}

test('static segments beat parameters, parameters beat *, whatever the load order', () => {
  const routes = [['star', '/story/*'], ['id', '/story/:id'], ['number', '/story/:id{[0-9]+}'], ['latest', '/story/latest'], ['all', '/*']]
  for (const order of orders(routes)) {
    const loaded = table(Object.fromEntries(order.map(([name = '', route = '']) => [name, [route]])))
    assert.equal(answer(loaded, 'GET', '/story/latest'), 'latest')
    assert.equal(answer(loaded, 'GET', '/story/12'), 'number')
    assert.equal(answer(loaded, 'GET', '/story/other'), 'id')
    assert.equal(answer(loaded, 'GET', '/story/a/b'), 'star')
    assert.equal(answer(loaded, 'GET', '/story'), 'star')
    assert.equal(answer(loaded, 'GET', '/elsewhere'), 'all')
    assert.equal(answer(loaded, 'GET', '/'), 'all')
  }
})

test('specificity is compared from the left', () => {
  for (const order of orders([['left', '/a/:x'], ['right', '/:y/b']])) {
    const loaded = table(Object.fromEntries(order.map(([name = '', route = '']) => [name, [route]])))
    assert.equal(answer(loaded, 'GET', '/a/b'), 'left')
    assert.equal(answer(loaded, 'GET', '/c/b'), 'right')
  }
})

test('a match tells the route as declared', () => {
  const routes = table({ story: ['GET /story/:id{[0-9]+}'], page: ['/page/:number?'], hello: ['/hello'] })
  assert.deepEqual(routes.match('GET', '/story/5'), { kind: 'function', name: 'story', route: '/story/:id{[0-9]+}' })
  assert.deepEqual(routes.match('GET', '/page'), { kind: 'function', name: 'page', route: '/page/:number?' })
  assert.deepEqual(routes.match('GET', '/page/2'), { kind: 'function', name: 'page', route: '/page/:number?' })
  assert.deepEqual(routes.match('PROPFIND', '/hello'), { kind: 'function', name: 'hello', route: '/hello' })
  assert.deepEqual(routes.match('GET', '/nowhere'), { kind: 'no_route' })
})

test('GET serves HEAD, but a route for HEAD goes first', () => {
  const routes = table({ any: ['/a'], get: ['GET /a', 'GET /b/:x'], head: ['HEAD /b/:x'] })
  assert.equal(answer(routes, 'HEAD', '/a'), 'get')
  assert.equal(answer(routes, 'GET', '/b/1'), 'get')
  assert.equal(answer(routes, 'HEAD', '/b/1'), 'head')
})

test('a named method beats none on the same path', () => {
  const routes = table({ any: ['/a', '/p/:x'], post: ['POST /a', 'POST /p/:y'] })
  assert.equal(answer(routes, 'POST', '/a'), 'post')
  assert.equal(answer(routes, 'GET', '/a'), 'any')
  assert.equal(answer(routes, 'POST', '/p/1'), 'post')
  assert.equal(answer(routes, 'DELETE', '/p/1'), 'any')
})

test('a method no route takes is answered with those allowed: HEAD with GET, OPTIONS only if routed', () => {
  const routes = table({ reader: ['GET /reader', 'PUT /reader'], events: ['POST /reader/:what'], cors: ['OPTIONS /reader/:what'] })
  assert.deepEqual(answer(routes, 'DELETE', '/reader'), ['GET', 'HEAD', 'PUT'])
  assert.deepEqual(answer(routes, 'GET', '/reader/events'), ['OPTIONS', 'POST'])
  assert.equal(answer(routes, 'GET', '/reader/events/more'), null)
})

test('a literal route for one method leaves the other methods to a parameter', () => {
  const routes = table({ me: ['POST /reader/me'], anyone: ['GET /reader/:id'] })
  assert.equal(answer(routes, 'GET', '/reader/me'), 'anyone')
  assert.equal(answer(routes, 'POST', '/reader/me'), 'me')
  assert.deepEqual(answer(routes, 'PUT', '/reader/me'), ['GET', 'HEAD', 'POST'])
})

test('the patterns of Hono: optional parameters, expressions, stars in between', () => {
  const routes = table({
    optional: ['/animal/:type?/:name?'], year: ['/posts/:year{[0-9]{4}}/:slug{[a-z-]+}'], file: ['/files/:path{.+\\.png}'], card: ['/wild/*/card'],
    either: ['/v/:x{one|two}'],
  })
  for (const path of ['/animal', '/animal/cat', '/animal/cat/tom']) assert.equal(answer(routes, 'GET', path), 'optional')
  assert.equal(answer(routes, 'GET', '/animal/cat/tom/more'), null)
  assert.equal(answer(routes, 'GET', '/posts/2026/a-title'), 'year')
  assert.equal(answer(routes, 'GET', '/posts/26/a-title'), null)
  assert.equal(answer(routes, 'GET', '/files/a/b.png'), 'file')
  assert.equal(answer(routes, 'GET', '/files/a/b.gif'), null)
  assert.equal(answer(routes, 'GET', '/wild/any/card'), 'card')
  assert.equal(answer(routes, 'GET', '/wild/any/other'), null)
  assert.equal(answer(routes, 'GET', '/v/two'), 'either')
  assert.equal(answer(routes, 'GET', '/v/onemore'), null)
  assert.equal(answer(routes, 'GET', '/v/notwo'), null)
})

test('a path is matched decoded, but an encoded slash separates nothing', () => {
  const routes = table({ cafe: ['/café'], encoded: ['/na%C3%AFve/:x'], one: ['/one/:x'], two: ['/one/:x/:y'] })
  assert.equal(answer(routes, 'GET', '/caf%C3%A9'), 'cafe')
  assert.equal(answer(routes, 'GET', '/na%c3%afve/x'), 'encoded')
  assert.equal(answer(routes, 'GET', '/one/a%2Fb'), 'one')
  assert.equal(answer(routes, 'GET', '/one/%E0%A4%A'), 'one')
  assert.equal(answer(routes, 'GET', '/caf%25C3%25A9'), null)
})

test('a trailing slash is another path', () => {
  const routes = table({ hello: ['/hello'], deep: ['/deep', '/deep/*'] })
  assert.equal(answer(routes, 'GET', '/hello/'), null)
  assert.equal(answer(routes, 'GET', '/deep/'), 'deep')
})

test('a host without routes answers nothing, and no method or path breaks it', () => {
  for (const routes of [table({}), table({ a: ['GET /a/:b'] })]) {
    for (const path of ['/', '', '*', '//', '/__proto__', '/constructor', '/%']) {
      for (const method of ['GET', '__proto__', 'constructor', 'get', '']) assert.equal(answer(routes, method, path), null)
    }
  }
})

test('two functions on one route are refused with both files', () => {
  const refused = (routes: Record<string, string[]>, ...files: string[]): void => {
    assert.throws(() => table(routes), (error: { code?: string; message: string }) => {
      assert.equal(error.code, 'bad_config')
      for (const file of files) assert.match(error.message, new RegExp(`functions/${file}.ts`))
      return true
    })
  }
  refused({ a: ['GET /x'], b: ['GET /x'] }, 'a', 'b')
  refused({ a: ['/x/:id'], b: ['/x/:name'] }, 'a', 'b')
  refused({ a: ['/x/:id?'], b: ['/x'] }, 'a', 'b')
  refused({ a: ['/x/*'], b: ['/y', '/x/*'] }, 'a', 'b')
  const told = 'functions/b.ts: config.routes: "GET /x/:name?" takes the same requests as "GET /x/:id?" of functions/a.ts; change one of them'
  assert.throws(() => table({ a: ['GET /x/:id?'], b: ['GET /x/:name?'] }), { message: told }, 'as they were declared, and once')
  assert.doesNotThrow(() => table({ a: ['GET /x', '/x', '/x'], b: ['POST /x'], c: ['/x/:id{[0-9]+}'], d: ['/x/:id'] }))
})

test('a bad route is refused with what was expected; every bad one is named', () => {
  const expected: Record<string, RegExp> = {
    'hello': /begins with "\/", found "hello"/,
    'get /x': /write GET/,
    'FETCH /x': /leave the method out/,
    '': /begins with "\/"/,
    '/a b': /without spaces/,
    '/a*': /whole segment, found "a\*"/,
    '/a/:': /expected a parameter/,
    '/a/:id{[}': /regular expression/,
    '/a/:id{[0-9]*}': /matches nothing/,
    '/a/:id{(a)b}': /captures/,
    '/a/:b?/c': /at the end/,
    '/a/:b/:b': /own name/,
    '/a(1)/:b': /beside parameters/,
  }
  for (const [route, message] of Object.entries(expected)) {
    assert.throws(() => table({ bad: [route] }), { code: 'bad_config', message }, route)
    assert.throws(() => table({ bad: [route] }), { message: /^functions\/bad\.ts: config\.routes: "/ }, route)
  }
  assert.throws(() => table({ bad: ['x', 'y'], good: ['/good'], worse: ['z'] }), (error: Error) => error.message.split('\n').length === 3)
})

test('random tables answer as the plain reading of the rules does', () => {
  const random = generator(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const kinds = ['a', 'b', 'a', ':p', ':q{[0-9]+}', '*']
  const rank = (segment: string): number => (segment === '*' ? 3 : segment.includes('{') ? 1 : segment.startsWith(':') ? 2 : 0)
  for (let round = 0; round < 300; round++) {
    const paths = new Map(Array.from({ length: 6 }, () => {
      const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(kinds)).map((segment, index) => segment.replace(/[pq]/, (name) => name + index))
      return [segments.map((segment) => segment.replace(/\w\d/, '')).join('/'), segments] as const
    }))
    const functions = [...paths.values()].map((segments, index) => ({ name: `f${index}`, file: `f${index}.ts`, routes: [`/${segments.join('/')}`], segments }))
    const routes = createRouteTable(functions)
    for (let request = 0; request < 20; request++) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(['a', 'b', '1', 'z']))
      const best = functions.filter(({ segments }) => matches(segments, parts)).sort((one, other) => {
        for (let index = 0; ; index++) {
          const [left, right] = [one.segments[index], other.segments[index]]
          if (left === undefined || right === undefined) return left === undefined ? -1 : 1
          if (rank(left) !== rank(right)) return rank(left) - rank(right)
        }
      })[0]
      const path = `/${parts.join('/')}`
      assert.equal(answer(routes, 'GET', path), best?.name ?? null, `${path} in ${functions.map((one) => one.routes[0]).join(' ')}`)
    }
  }
})

function matches(segments: readonly string[], parts: readonly string[]): boolean {
  const open = segments.at(-1) === '*'
  if (open ? parts.length < segments.length - 1 : parts.length !== segments.length) return false
  return segments.every((segment, index) => {
    const part = parts[index]
    if (segment === '*') return true
    return segment.includes('{') ? /^[0-9]+$/.test(part ?? '') : segment.startsWith(':') || segment === part
  })
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
