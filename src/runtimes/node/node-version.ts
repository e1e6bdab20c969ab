import { PressroomError } from '../../contract/errors.ts'

/** The oldest Node this host runs on: older ones lack security and SQLite fixes. The launcher in `bin` says the same. */
export const oldestNode = '24.18.1'

/**
 * Refuses a Node that is too old.
 * @throws PressroomError `bad_option`
 */
export function assertNodeVersion(version: string): void {
  if (isAtLeast(version, oldestNode)) return
  throw new PressroomError(
    'bad_option',
    `Node.js ${version} is too old, ${oldestNode} or newer is needed; start with \`npx pressroom\` or \`npm start\`, which bring one`,
  )
}

function isAtLeast(version: string, oldest: string): boolean {
  const found = version.split('.').map((part) => Number.parseInt(part, 10))
  for (const [index, least] of oldest.split('.').map(Number).entries()) {
    const part = found[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}
