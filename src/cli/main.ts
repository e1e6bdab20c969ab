import { totalmem } from 'node:os'
import { PressroomError } from '../contract/errors.ts'
import { resolveOptions } from '../host/options.ts'
import { startNode } from '../runtimes/node/main.ts'
const [command, ...rest] = process.argv.slice(2)
const flags: Record<string, unknown> = {}
for (let i = 0; i < rest.length; i += 2) flags[rest[i]!.slice(2).replace(/-(.)/g, (_, c: string) => c.toUpperCase())] = rest[i + 1]
try {
  const host = await startNode({ ...resolveOptions(flags, process.env, totalmem()), dev: command === 'dev' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void host.close(signal))
  process.exit(await host.done)
} catch (error) {
  console.error((error as PressroomError).code ? (error as Error).message : error)
  process.exit(1)
}
