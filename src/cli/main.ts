import { assertNodeVersion } from '../runtimes/node/node-version.ts'
import { createProgram } from './program.ts'

try {
  assertNodeVersion(process.versions.node)
  await createProgram().parseAsync()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  // Written out before the end: a pipe takes it later than `exit` would wait.
  process.stderr.write(`pressroom: ${message}\n`, () => process.exit(1))
}
