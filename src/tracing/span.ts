import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Attributes, type Tracer } from '@opentelemetry/api'
import type { Head, Invocation, Invoke, Settlement } from '../contract/invocation.ts'
import { names } from './names.ts'

/** What the tracer needs to know of the meter. */
export interface SpanFigures {
  billedMs(settlement: Settlement): number
}

/**
 * Opens one SERVER span per invocation and closes it when the invocation is settled, with its outcome and figures. The
 * tracer of `@opentelemetry/api` records nothing until an SDK is registered.
 */
export function traced(tracer: Tracer, figures: SpanFigures): (next: Invoke) => Invoke {
  return (next) => (invocation) => {
    const span = tracer.startSpan(invocation.function, { kind: SpanKind.SERVER }, ROOT_CONTEXT)
    const run = next(invocation)
    if (!span.isRecording()) return run
    span.setAttributes(known(invocation))
    void Promise.all([run.head, run.settled]).then(([head, settlement]) => {
      span.setAttributes(learned(head, settlement, figures))
      if (settlement.outcome !== 'ok' && settlement.outcome !== 'canceled') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    })
    return run
  }
}

function known({ id, function: name, trigger, event }: Invocation): Attributes {
  const common = { [names.faasName]: name, [names.faasTrigger]: trigger, [names.faasInvocationId]: id }
  if (event.type === 'scheduled') {
    return { ...common, [names.faasCron]: event.cron, [names.faasTime]: new Date(event.scheduledTime).toISOString() }
  }
  const { protocol, pathname } = new URL(event.url)
  return { ...common, [names.httpMethod]: event.method, [names.urlScheme]: protocol.slice(0, -1), [names.urlPath]: pathname }
}

function learned(head: Head, settlement: Settlement, figures: SpanFigures): Attributes {
  const { outcome, cold, initMs, queueMs, cpuMs, maxMemoryBytes, instance, revision } = settlement
  const attributes: Attributes = {
    [names.faasColdstart]: cold,
    [names.outcome]: outcome,
    [names.billedMs]: figures.billedMs(settlement),
    [names.initMs]: initMs,
    [names.queueMs]: queueMs,
    [names.cpuMs]: cpuMs,
    [names.memoryBytes]: maxMemoryBytes,
  }
  if (instance) attributes[names.faasInstance] = instance
  if (revision) attributes[names.faasVersion] = revision
  if (head.type === 'response') attributes[names.httpStatus] = head.status
  if (outcome !== 'ok') attributes[names.errorType] = outcome
  return attributes
}
