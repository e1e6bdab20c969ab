import { type Command, Option } from 'commander'
import type { CheckOptions, CheckResult } from '../../runtimes/node/workers-check/check.ts'

/** Adds `pressroom check`: what keeps functions from running on Workers as they do here. Exit code 1 when there is anything but notes. */
export function registerCheck(program: Command): void {
  program.command('check')
    .description('compare the functions with wrangler.toml and with what Workers can do; needs no running host')
    .addOption(new Option('--functions <dir>', 'folder with functions').default('functions'))
    .addOption(new Option('--config <file>', 'bindings, variables and triggers').default('wrangler.toml'))
    .option('--allow <about>', 'pass over what is meant so, by the word in brackets; may be repeated', (about: string, before: string[]) => [...before, about], [])
    .option('--fix', 'put the crons of the functions into wrangler.toml', false)
    .option('--json', 'print JSON', false)
    .action(async ({ json, ...options }: CheckOptions & { json: boolean }) => {
      const { checkForWorkers } = await import('../../runtimes/node/workers-check/check.ts')
      const result = await checkForWorkers(options)
      process.stdout.write(`${json ? JSON.stringify(result, null, 2) : inWords(result)}\n`)
      if (result.problems.length > 0 || result.findings.some(({ level }) => level !== 'note')) process.exitCode = 1
    })
}

function inWords({ functions, problems, findings, fixed }: CheckResult): string {
  const wrong = problems.length + findings.filter(({ level }) => level !== 'note').length
  const mendable = findings.some(({ fixable }) => fixable)
  return [
    ...problems.map((problem) => `failed   ${problem}`),
    ...findings.map(({ level, about, message }) => `${level.padEnd(8)} ${message} [${about}]`),
    ...(fixed === undefined ? [] : [`fixed    [triggers] crons = ${JSON.stringify(fixed)}`]),
    wrong === 0
      ? `${functions.length} functions agree with wrangler.toml, and Workers can run them`
      : `${wrong} ${wrong === 1 ? 'thing' : 'things'} to mend${mendable ? '; --fix writes the crons' : ''}`,
  ].join('\n')
}
