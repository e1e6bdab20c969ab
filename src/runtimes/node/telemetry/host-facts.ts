import { readFileSync } from 'node:fs'
import type { FunctionView } from '../../../host/operator.ts'

/** Version of this package: four folders up, in the repository as in the package. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

/** Instances alive, by function and state. */
export function countInstances(functions: readonly FunctionView[]): { function: string; state: string; count: number }[] {
  return functions.flatMap(({ name, instances }) => {
    const counts = new Map<string, number>()
    for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1)
    return [...counts].map(([state, count]) => ({ function: name, state, count }))
  })
}
