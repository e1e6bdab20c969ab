/** Decides whether the spans of a trace are recorded. `parentFlags`: of the caller's context; undefined when there is none. */
export type Sampler = (traceId: string, parentFlags: number | undefined) => boolean

/** The samplers that `OTEL_TRACES_SAMPLER` may name. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** One of them. */
export type SamplerName = (typeof samplerNames)[number]

/**
 * Makes a sampler of the specification. A ratio looks at the trace id alone and in the way of OpenTelemetry's JavaScript
 * SDK, so that every service of a trace that samples by the same ratio decides alike.
 * @param ratio share of traces for `traceidratio`, 0–1
 */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  if (name.startsWith('parentbased_')) {
    const root = createSampler(name.slice('parentbased_'.length) as SamplerName, ratio)
    return (traceId, parentFlags) => (parentFlags === undefined ? root(traceId, undefined) : (parentFlags & 1) === 1)
  }
  if (name === 'always_on') return () => true
  if (name === 'always_off') return () => false
  const bound = Math.floor(ratio * 0xffff_ffff)
  return (traceId) => fold(traceId) < bound
}

/** Folds the 128 bits of a trace id into 32. */
function fold(traceId: string): number {
  let folded = 0
  for (let at = 0; at < 32; at += 8) folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0
  return folded
}
