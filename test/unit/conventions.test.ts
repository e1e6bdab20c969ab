import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as semconv from '@opentelemetry/semantic-conventions/incubating'
import { faasInstruments, hostInstruments, ownInstruments } from '../../src/tracing/instruments.ts'
import { formerNames, names } from '../../src/tracing/names.ts'

const known = (prefix: string): Set<string> => new Set<string>(Object.entries(semconv).flatMap(([key, value]) => (key.startsWith(prefix) && typeof value === 'string' ? [value] : [])))

test('every attribute is one of the conventions or stands under our own name', () => {
  const attributes = known('ATTR_')
  assert.deepEqual(Object.values(names).filter((name) => !attributes.has(name) && !name.startsWith('pressroom.')), [])
  for (const name of Object.values(formerNames)) assert.equal(attributes.has(name), false, `${name} is current again: it need not be told twice`)
  assert.deepEqual(Object.values(names).filter((name) => name.startsWith('pressroom.') && attributes.has(name)), [])
})

test('the metrics of functions are those of the conventions, all of them', () => {
  const metrics = [...known('METRIC_')].filter((name) => name.startsWith('faas.'))
  assert.deepEqual(Object.values(faasInstruments).map(({ name }) => name).toSorted(), metrics.toSorted())
  assert.deepEqual([...Object.values(ownInstruments), ...Object.values(hostInstruments)].filter(({ name }) => !name.startsWith('pressroom.')), [])
})

test('kind, unit and number type of the conventions’ metrics', () => {
  const table = Object.values(faasInstruments).map(({ name, kind, unit, whole }) => [name, kind, unit, whole ? 'int' : 'double'])
  assert.deepEqual(table.toSorted(([a = ''], [b = '']) => String(a).localeCompare(String(b))), [
    ['faas.coldstarts', 'counter', '{coldstart}', 'int'],
    ['faas.cpu_usage', 'histogram', 's', 'double'],
    ['faas.errors', 'counter', '{error}', 'int'],
    ['faas.init_duration', 'histogram', 's', 'double'],
    ['faas.invocations', 'counter', '{invocation}', 'int'],
    ['faas.invoke_duration', 'histogram', 's', 'double'],
    ['faas.mem_usage', 'histogram', 'By', 'int'],
    ['faas.net_io', 'histogram', 'By', 'int'],
    ['faas.timeouts', 'counter', '{timeout}', 'int'],
  ])
})
