import { relative } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { createAdminClient } from '../../../admin/client.ts'
import { createDeployClient } from '../../../admin/client/deployments.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { bundleForUpload, stopBundler } from '../../../runtimes/node/code/bundle.ts'
import { LARGEST_UPLOAD_BYTES, kindOf, writeUpload } from '../../../runtimes/node/code/upload-form.ts'
import { figure } from '../../figures.ts'
import { repeated } from './repeated.ts'
import { findEntry, readAssets } from './entry.ts'
import { sharesFor, tellShares } from './shares.ts'

interface DeployOptions {
  name?: string
  alias: string
  weight?: number
  gate?: Record<string, number>
  route?: string[]
  assets?: string
  json: boolean
}

/** Adds `deploy`: uploads code to a running host and serves it. */
export function registerDeploy(program: Command): void {
  program.command('deploy')
    .description('upload a function to a running host and serve it')
    .argument('<file-or-folder>', 'its module, or the folder of its function.ts or index.ts')
    .option('--name <name>', 'name of the function (default: as the file, or its folder)')
    .option('--alias <alias>', 'what is to point at it; live serves the triggers', 'live')
    .option('--weight <percent>', 'serve so many per cent of the calls by it, and the rest by what serves now', percent)
    .option('--gate <rules>', 'with --weight: take it back after so many calls if it does worse than the other by more than this, as calls=100,errorRate=0.01,p99=1.5,cost=1.2', rules)
    .option('--route <pattern>', 'METHOD /path or /path it answers, instead of the routes of its config; may be repeated', repeated)
    .option('--assets <dir>', 'static files it finds in env.ASSETS')
    .option('--json', 'print JSON', false)
    .action(async (path: string, options: DeployOptions) => {
      process.stdout.write(`${await deploy(process.env, path, options, (line) => void process.stderr.write(line), process.stderr.isTTY)}\n`)
    })
}

/**
 * Bundles, uploads and serves a function; progress goes to `tell`.
 * @param live writes progress over itself, for terminals
 * @throws PressroomError `bad_option` with the way out when there is nothing to deploy, or the host refuses it: then what ran before runs on
 */
export async function deploy(
  env: Readonly<Record<string, string | undefined>>, path: string, options: DeployOptions, tell: (text: string) => void, live = false,
): Promise<string> {
  const { alias, weight, gate, route: routes } = options
  if (gate !== undefined && weight === undefined) throw new PressroomError('bad_option', '--gate: expected --weight beside it, so that there is another revision to compare with')
  const entry = findEntry(path)
  const name = options.name ?? entry.name
  const client = createDeployClient(env)
  const assets = options.assets === undefined ? new Map<string, Uint8Array>() : readAssets(options.assets)
  const { modules, inputs } = await bundleForUpload(entry.file).catch((error: Error) => {
    throw new PressroomError('bad_option', `deploy: ${error.message}`, { cause: error })
  }).finally(stopBundler)
  const strange = [...modules.keys()].find((module) => kindOf(module) === undefined)
  if (strange !== undefined) throw new PressroomError('bad_option', `deploy: ${strange} is no module that can be uploaded`)
  const body = writeUpload({ main: 'index.mjs', modules, config: routes === undefined ? undefined : { routes }, assets })
  const size = Buffer.byteLength(body)
  tell(`bundled ${inputs.length} ${inputs.length === 1 ? 'file' : 'files'} of ${relative(process.cwd(), entry.file)}: ${bytes(size)} to upload\n`)
  if (size > LARGEST_UPLOAD_BYTES) throw new PressroomError('bad_option', `deploy: ${bytes(size)} are more than the ${bytes(LARGEST_UPLOAD_BYTES)} a host takes; leave out what the function does not need`)

  const told = `uploading ${name} to ${client.base}`
  if (!live) tell(`${told}\n`)
  const { revision } = await client.upload(name, body, live ? (sent) => tell(`\r${told}: ${Math.round((sent / size) * 100)} %${sent === size ? '; it is tried\n' : ''}`) : undefined)
  tell(`revision ${revision} is accepted\n`)
  // A first deploy has no alias yet.
  const before = (await client.aliases(name))[alias]
  const shares = sharesFor(revision, weight, alias, before?.revisions ?? [])
  await client.setAlias(name, alias, shares, gate)
  const view = (await createAdminClient(env).functions()).find((one) => one.name === name)
  if (options.json) return JSON.stringify({ function: name, revision, bytes: size, alias, revisions: shares, routes: view?.routes ?? [] }, null, 2)
  return [`${name}: ${alias} is ${tellShares(shares)}`, ...(alias === 'live' ? (view?.routes ?? []).map((route) => `  ${route}`) : [])].join('\n')
}

function percent(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= 100) return number
  throw new InvalidArgumentError('expected a whole number from 1 to 100.')
}

/** `name=number` pairs; what they mean is for the host to check. */
function rules(text: string): Record<string, number> {
  const pairs = text.split(',').map((pair) => /^\s*(\w+)=(\d+(?:\.\d+)?)\s*$/.exec(pair))
  if (pairs.includes(null)) throw new InvalidArgumentError('expected name=number pairs with commas between, such as calls=100,errorRate=0.01.')
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, Number(pair![2])]))
}

function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  return size < 1024 * 1024 ? `${figure(size / 1024, 1)} KiB` : `${figure(size / 1024 / 1024, 1)} MiB`
}
