import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'smol-toml'
import { description } from '../../functions/_news/description.ts'
import { registry } from '../../functions/_registry.ts'

const root = join(import.meta.dirname, '../..')
const wrangler = parse(readFileSync(join(root, 'wrangler.toml'), 'utf8')) as {
  vars: object
  triggers: { crons: string[] }
  assets: { binding: string }
  d1_databases: { binding: string }[]
  kv_namespaces: { binding: string }[]
  r2_buckets: { binding: string; bucket_name: string }[]
  queues: { producers: { binding: string; queue: string }[]; consumers: { queue: string }[] }
}

/** Pages are for readers: no description names them, no other site asks for them. */
const forPrograms = registry.filter(({ name }) => name !== 'pages' && name !== 'playground')

describe('what is declared twice agrees', () => {
  test('the registry lists every function of the folder', () => {
    const files = readdirSync(join(root, 'functions')).filter((name) => name.endsWith('.ts') && !name.startsWith('_'))
    assert.deepEqual(registry.map(({ name }) => `${name}.ts`), files.toSorted())
  })

  test('the crons of wrangler.toml are the schedules of the functions', () => {
    const declared = registry.flatMap(({ config }) => config.schedules ?? [])
    const schedules = declared.map((schedule) => (typeof schedule === 'string' ? schedule : schedule.cron))
    assert.deepEqual(wrangler.triggers.crons.toSorted(), [...new Set(schedules)].toSorted())
  })

  test('the queues of wrangler.toml are those that functions consume, and each has a producer', () => {
    const consumed = registry.flatMap(({ config }) => config.queues ?? []).toSorted()
    const told = registry.flatMap(({ name, config }) => (config.buckets ?? []).map((one) => `r2-${typeof one === 'string' ? one : one.bucket}-${name}`))
    assert.deepEqual(wrangler.queues.consumers.map(({ queue }) => queue).toSorted(), [...consumed, ...told].toSorted())
    assert.deepEqual([...new Set(wrangler.queues.producers.map(({ queue }) => queue))].toSorted(), consumed)
  })

  test('the buckets that functions hear of are those of wrangler.toml', () => {
    const heard = registry.flatMap(({ config }) => config.buckets ?? []).map((one) => (typeof one === 'string' ? one : one.bucket))
    assert.deepEqual(wrangler.r2_buckets.map(({ bucket_name: bucket }) => bucket).toSorted(), [...new Set(heard)].toSorted())
  })

  test('the description names every route of a function, and no other', () => {
    const routes = forPrograms.flatMap(({ config }) => config.routes ?? []).filter((route) => !route.startsWith('OPTIONS ')).map((route) => route.replaceAll(/:(\w+)/g, '{$1}'))
    const described = Object.entries(description.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(routes.toSorted(), described.toSorted())
  })

  test('every route answers a preflight', () => {
    for (const { config } of forPrograms) {
      const routes = config.routes ?? []
      for (const route of routes) assert.ok(routes.includes(`OPTIONS ${route.split(' ')[1]}`), route)
    }
  })

  test('every name that a function asks of its environment exists', () => {
    const bindings = [wrangler.assets, ...wrangler.d1_databases, ...wrangler.kv_namespaces, ...wrangler.r2_buckets, ...wrangler.queues.producers].map(({ binding }) => binding)
    const known = [...bindings, ...Object.keys(wrangler.vars)]
    for (const { name, config } of registry) for (const wanted of config.env ?? []) assert.ok(known.includes(wanted), `${name}: ${wanted}`)
  })
})
