/** Type-checks every room with the types it may know: portable code without any, each runtime with its own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const projects = ['tsconfig.json', 'src/runtimes/node/tsconfig.json', 'src/runtimes/workers/tsconfig.json', 'test/tsconfig.json']

const codes = await Promise.all(
  projects.map(
    (project) =>
      new Promise<number>((resolve) => {
        const child = spawn(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--pretty', 'false'], { cwd: root, stdio: 'inherit' })
        child.once('close', (code) => {
          if (code !== 0) console.error(`typecheck: ${project} has errors`)
          resolve(code ?? 1)
        })
      }),
  ),
)
process.exitCode = Math.max(...codes)
