import type { Command } from 'commander'
import { createDeployClient } from '../../../admin/client/deployments.ts'
import { columns } from '../../table.ts'
import { figure } from '../../figures.ts'

/** Adds `revisions`: what was uploaded of a function, and what serves of it. */
export function registerRevisions(program: Command): void {
  program.command('revisions')
    .description('list the revisions of a function, newest first, and what points at each')
    .argument('<name>', 'name of the function')
    .option('--delete <revision>', 'delete this one instead; one that serves is kept')
    .option('--json', 'print JSON', false)
    .action(async (name: string, { delete: gone, json }: { delete?: string; json: boolean }) => {
      const text = gone === undefined ? await revisionTable(process.env, name, json) : await deleteRevision(process.env, name, gone, json)
      process.stdout.write(`${text}\n`)
    })
}

/**
 * Asks for the revisions and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it knows no such function
 */
export async function revisionTable(env: Readonly<Record<string, string | undefined>>, name: string, json: boolean): Promise<string> {
  const client = createDeployClient(env)
  const [revisions, aliases] = [await client.revisions(name), await client.aliases(name)]
  const newest = revisions.toSorted((a, b) => b.at.localeCompare(a.at))
  const serving = (revision: string) => Object.entries(aliases).flatMap(([alias, { revisions: shares }]) =>
    shares.filter((share) => share.revision === revision).map(({ weight }) => `${alias} ${weight} %`))
  if (json) return JSON.stringify({ revisions: newest.map((one) => ({ ...one, serves: serving(one.revision) })) }, null, 2)
  return columns([
    ['REVISION', 'AT', 'SIZE KIB', 'HANDLERS', 'SERVES'],
    ...newest.map(({ revision, at, bytes, handlers }) => [revision, at, figure(bytes / 1024, 1), handlers.join(' '), serving(revision).join(', ') || '-']),
  ])
}

async function deleteRevision(env: Readonly<Record<string, string | undefined>>, name: string, revision: string, json: boolean): Promise<string> {
  await createDeployClient(env).deleteRevision(name, revision)
  return json ? JSON.stringify({ function: name, deleted: revision }) : `${name}: revision ${revision} is deleted`
}
