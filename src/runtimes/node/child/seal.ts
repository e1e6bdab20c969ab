import { registerHooks } from 'node:module'

/**
 * Closes what `--permission` leaves open, before function code is loaded: signals to other processes, and `node:sqlite`,
 * which opens any file. A belt for code that may be wrong, not a wall against code that is hostile.
 */
export function seal(ownCode: string): void {
  const kill = process.kill.bind(process)
  process.kill = (pid, signal) => {
    if (pid === process.pid) return kill(pid, signal)
    throw Object.assign(new Error(`process.kill: a function may end only itself, not process ${pid}`), { code: 'ERR_ACCESS_DENIED' })
  }
  const deny = (name: string) =>
    Object.assign(new Error(`${name} is not open to functions: it reads any file; use a D1 or KV binding of wrangler.toml`), { code: 'ERR_ACCESS_DENIED' })
  const builtin = process.getBuiltinModule.bind(process)
  process.getBuiltinModule = ((name: string) => {
    if (/^(node:)?sqlite$/.test(name)) throw deny(name)
    return builtin(name)
  })
  registerHooks({
    resolve(specifier, context, next) {
      if (/^(node:)?sqlite$/.test(specifier) && !context.parentURL?.startsWith(ownCode)) throw deny(specifier)
      return next(specifier, context)
    },
  })
}
