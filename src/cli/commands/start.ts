import { totalmem } from 'node:os'
import { type Command, Option } from 'commander'
import { optionTable, resolveOptions, variableOf, type HostOptions } from '../../host/options.ts'
import { watchLauncher } from '../launcher.ts'
import { endOnSignals } from '../signals.ts'

/** Adds `start` and `dev`: they run a host until it is told to end. */
export function registerStart(program: Command): void {
  const start = program.command('start').description('run the functions and their schedules until SIGTERM or Ctrl-C')
  const dev = program.command('dev').description('the same, reloading a function when its file changes, with stacks in errors')
  for (const [command, isDev] of [[start, false], [dev, true]] as const) {
    for (const { flag, fallback, key, help } of optionTable) {
      const value = fallback === '' || fallback === 'false' ? '' : `default ${fallback}, `
      const option = new Option(flag, `${help} (${value}or ${variableOf(key)})`)
      // A repeated list adds up; any other option counts where it is named last.
      if (key === 'allowOutbound') option.argParser((entry: string, before: string[] | undefined) => [...(before ?? []), entry])
      command.addOption(option)
    }
    command.action((flags: Record<string, unknown>) => serve({ ...resolveOptions(flags, process.env, machineMemoryBytes()), dev: isDev }))
  }
}

/** What this process may use: the machine's memory, or less inside a container. */
function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

async function serve(options: HostOptions & { dev: boolean }): Promise<void> {
  const signals = endOnSignals(process)
  const launcher = watchLauncher(process.env)
  // Loaded here, so that help and the other commands do not pay for a whole host.
  const { startNode } = await import('../../runtimes/node/main.ts')
  const host = await startNode(options)
  signals.ready((reason) => host.close(reason))
  launcher.ready((reason) => host.close(reason))
  process.exit(await host.done)
}
