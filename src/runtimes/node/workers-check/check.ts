import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readWranglerConfig } from '../wrangler-config.ts'
import { cronsOf, findDifferences, type Finding } from './findings.ts'
import { loadOnce } from './load.ts'
import { readWorkersFile, withCrons } from './workers-file.ts'

/** What is to be checked. */
export interface CheckOptions {
  /** Folder of the functions. */
  functions: string
  /** `wrangler.toml`. */
  config: string
  /** What was found and is meant so: `about` of findings. */
  allow: readonly string[]
  /** Put the crons of the functions into the file. */
  fix: boolean
}

/** What came of it. */
export interface CheckResult {
  functions: string[]
  /** Functions that cannot be served at all. */
  problems: string[]
  findings: Finding[]
  /** What `fix` wrote; undefined: nothing had to be. */
  fixed: string[] | undefined
}

/**
 * Finds what keeps functions from running on Workers as they do here, and what `wrangler.toml` says otherwise than they do.
 * @throws PressroomError `bad_config` when the file cannot be read or there is no folder of functions
 */
export async function checkForWorkers(options: CheckOptions): Promise<CheckResult> {
  const folder = resolve(options.functions)
  const path = resolve(options.config)
  const read = () => readWranglerConfig({ path, environment: {}, dataDir: '.', required: true })
  const { functions, problems } = await loadOnce(folder, read().crons)
  // What did not load declares nothing: all that it has would be missed.
  if (problems.length > 0) return { functions: functions.map(({ name }) => name), problems, findings: [], fixed: undefined }
  const find = () => findDifferences(functions, read(), readWorkersFile(path, folder)).filter(({ about }) => !options.allow.includes(about))
  let findings = find()
  let fixed: string[] | undefined
  if (options.fix && findings.some(({ fixable }) => fixable)) {
    fixed = cronsOf(functions)
    writeFileSync(path, withCrons(readFileSync(path, 'utf8'), fixed))
    findings = find()
  }
  return { functions: functions.map(({ name }) => name), problems, findings, fixed }
}
