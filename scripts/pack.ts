/**
 * Makes what the package holds instead of `src`: `node scripts/pack.ts build` before `npm pack`, `clean` after it. Node refuses
 * TypeScript under node_modules, so types are taken off; declarations are kept for the public door alone. Nothing in the repository
 * is changed but the ignored folder `dist`: `exports` in package.json fits both, since `src` is there in one and not in the other.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const task = process.argv[2]

if (task !== 'build' && task !== 'clean') {
  console.error(`scripts/pack.ts: expected build or clean, found ${task ?? 'nothing'}`)
  process.exit(1)
}
rmSync(dist, { recursive: true, force: true })
if (task === 'build') {
  for (const project of ['scripts/tsconfig.package.json', 'scripts/tsconfig.door.json']) {
    // To the error output: `npm pack --json` speaks on the other.
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project, '--pretty', 'false'], { cwd: root, stdio: ['ignore', 2, 2] })
  }
  cpSync(join(root, 'src/cli/templates'), join(dist, 'cli/templates'), { recursive: true })
}
