import { Hono } from 'hono'
import { PressroomError } from '../contract/errors.ts'
import { invoiceMonth, invoicePlans } from '../host/invoice.ts'
import type { Operator } from '../host/operator.ts'
import { onlyKnown, readWholeNumber } from './query.ts'

/** Sizes compared when none is named: what Lambda offers, from its least to one past a whole CPU. */
const COMMON_SIZES_MIB = [128, 256, 512, 1024, 1769, 3008]
const MOST_SIZES = 20

/** `GET /invoice`; `now` in milliseconds since 1970. */
export function invoiceRoutes(operator: Pick<Operator, 'usage'>, now: () => number): Hono {
  const app = new Hono()
  app.get('/invoice', async (c) => {
    const { plan = 'all', month, memory } = c.req.query()
    onlyKnown(c.req.query(), ['plan', 'month', 'memory'])
    if (!invoicePlans.includes(plan)) throw bad('plan', `one of ${invoicePlans.join(', ')}`, plan)
    const { from, to } = readMonth(month, now())
    return c.json(await invoiceMonth(operator, { plan, from, to, sizes: readSizes(memory), now: now() }))
  })
  return app
}

/** Both ends of a month in UTC; without one, of the present month. */
function readMonth(text: string | undefined, now: number): { from: number; to: number } {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text ?? new Date(now).toISOString().slice(0, 7)) ?? []
  if (year === undefined) throw bad('month', 'a month such as 2026-01', text ?? '')
  const from = Date.UTC(Number(year), Number(month) - 1)
  if (from > now) throw bad('month', 'a month that has begun', text ?? '')
  return { from, to: Date.UTC(Number(year), Number(month)) }
}

function readSizes(text: string | undefined): readonly number[] {
  if (text === undefined) return COMMON_SIZES_MIB
  const sizes = text.split(',')
  if (sizes.length > MOST_SIZES) throw bad('memory', `at most ${MOST_SIZES} sizes`, String(sizes.length))
  return sizes.map((size) => readWholeNumber('memory', size, 128, 10_240) ?? 128)
}

function bad(name: string, expected: string, found: string): PressroomError {
  return new PressroomError('bad_request', `${name}: expected ${expected}, found "${found}"`)
}
