import type { Invoked } from '../../../admin/client/events.ts'
import { dollars, figure } from '../../figures.ts'

/** How an invocation went, for people: one line, then why it failed, then what it wrote. */
export function outcomeText({ invocation, outcome, response, batch, error, bill, log }: Invoked, tail: boolean): string {
  const status = response === undefined ? '' : ` ${response.status}`
  const lines = [
    `${outcome}${status} ${invocation}: run ${figure(bill.run_ms, 2)} ms${bill.cold ? `, init ${figure(bill.init_ms, 2)} ms` : ''}, billed ${figure(bill.billed_ms)} ms, ${dollars(bill.cost_usd)}`,
  ]
  if (error) lines.push(`${error.code}: ${error.detail}`)
  if (batch) lines.push(`acknowledged ${batch.acks.length}, to come again ${batch.retries.length}${batch.rest === null ? '' : `, all others: ${batch.rest}`}`)
  if (response?.truncated) lines.push(`the body has ${figure(response.bytes)} bytes; only its beginning is told`)
  if (response?.broken) lines.push('the body broke off')
  if (tail && log !== '') lines.push(log.trimEnd())
  return lines.join('\n')
}

/** The body of its response as bytes. */
export function bodyOf({ response }: Invoked): Uint8Array {
  if (response?.bodyBase64 !== undefined) return Buffer.from(response.bodyBase64, 'base64')
  return Buffer.from(response?.body ?? '')
}
