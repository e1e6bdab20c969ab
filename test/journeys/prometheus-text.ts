/** One line of a metric. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}
/** A metric as Prometheus reads it. */
export interface Family {
  type: string
  samples: Sample[]
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|\+Inf|NaN)$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

/** Reads Prometheus' text format and throws at the first line that breaks its rules. */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line)
    if (type) {
      if (families.has(type[1]!)) throw new Error(`a second TYPE: ${line}`)
      families.set(type[1]!, { type: type[2]!, samples: [] })
      continue
    }
    if (line.startsWith('#')) continue
    const [, name, labelText = '', value] = LINE.exec(line) ?? []
    if (name === undefined) throw new Error(`no sample: ${line}`)
    if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`told twice: ${line}`)
    seen.add(line.slice(0, line.lastIndexOf(' ')))
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
    if (!family) throw new Error(`before its TYPE: ${line}`)
    family.samples.push({ name, labels: readLabels(labelText, line), value: Number(value!.replace('Inf', 'Infinity')) })
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkHistogram(name, samples)
  return families
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== ''; ) {
    const [all, name, value] = LABEL.exec(rest) ?? []
    if (all === undefined || name! in labels) throw new Error(`bad labels: ${line}`)
    labels[name!] = value!
    rest = rest.slice(all.length)
  }
  return labels
}

/** Buckets grow, the last is +Inf and as large as the count. */
function checkHistogram(name: string, samples: Sample[]): void {
  const series = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b)))
    series.set(key, [...series.get(key) ?? [], sample])
  }
  for (const own of series.values()) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels['le']!.replace('Inf', 'Infinity')))
    const grows = (values: number[]) => values.every((value, index) => index === 0 || value >= values[index - 1]!)
    if (!grows(bounds) || !grows(buckets.map(({ value }) => value)) || bounds.at(-1) !== Infinity) throw new Error(`${name}: buckets out of order`)
    const count = own.find((sample) => sample.name === `${name}_count`)
    if (count?.value !== buckets.at(-1)!.value || !own.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}: count and buckets differ`)
  }
}
