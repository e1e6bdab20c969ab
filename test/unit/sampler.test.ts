import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ROOT_CONTEXT, SpanKind, trace, type Context } from '@opentelemetry/api'
import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace'
import { createSampler, samplerNames, type SamplerName } from '../../src/tracing/sampler.ts'

/** OpenTelemetry's own. */
function theirs(name: SamplerName, ratio: number): Sampler {
  if (name.startsWith('parentbased_')) return new ParentBasedSampler({ root: theirs(name.slice('parentbased_'.length) as SamplerName, ratio) })
  if (name === 'always_on') return new AlwaysOnSampler()
  return name === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio)
}

function callerOf(traceId: string, flags: number | undefined): Context {
  return flags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00f067aa0ba902b7', traceFlags: flags, isRemote: true })
}

for (const name of samplerNames) {
  test(`${name} decides as OpenTelemetry's own sampler does`, () => {
    for (const ratio of [0, 0.1, 0.5, 1]) {
      const ours = createSampler(name, ratio)
      const reference = theirs(name, ratio)
      for (let i = 0; i < 200; i++) {
        const traceId = randomBytes(16).toString('hex')
        for (const flags of [undefined, 0, 1]) {
          const { decision } = reference.shouldSample(callerOf(traceId, flags), traceId, 'name', SpanKind.SERVER, {}, [])
          assert.equal(ours(traceId, flags), decision === SamplingDecision.RECORD_AND_SAMPLED, `${traceId} ratio ${ratio} flags ${flags}`)
        }
      }
    }
  })
}
