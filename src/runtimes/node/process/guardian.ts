/**
 * Where `setpriv --pdeathsig` does not exist, one small process keeps the children's pids and kills them when the pipe to
 * the host closes: a child in an endless loop notices nothing by itself.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Is told which children live. */
export interface Guardian {
  watch(pid: number): void
  forget(pid: number): void
  close(): void
}

/** Starts the guardian process. */
export function startGuardian(): Guardian {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} })
  child.stdin!.on('error', () => {})
  child.unref()
  return {
    watch: (pid) => void child.stdin!.write(`+${pid}\n`),
    forget: (pid) => void child.stdin!.write(`-${pid}\n`),
    close: () => void child.stdin!.end(),
  }
}

if (import.meta.main) {
  const alive = new Set<number>()
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.startsWith('+')) alive.add(Number(line.slice(1)))
    else alive.delete(Number(line.slice(1)))
  })
  lines.on('close', () => {
    for (const pid of alive) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Already gone.
      }
    }
  })
}
