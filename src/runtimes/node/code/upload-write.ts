/**
 * The program that takes an upload in: reads its body from stdin, checks it, makes one module of its modules, and writes all of it
 * below a folder aside, on the disk when it ends. In a process of its own, so that the host's loop parses and hashes nothing, and
 * an upload that is too much for the memory ends nothing but itself. Function code is never run here.
 */
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stopBundler } from './bundle.ts'
import { composeUpload } from './upload-compose.ts'
import { readUpload } from './upload-form.ts'

/** What it tells on stdout, as JSON. */
export type Written =
  | { ok: true; sha256: string; revision: string; bytes: number; main: string; config?: Record<string, unknown>; assets: number; /** It lies in its place already. */ there: boolean }
  | { ok: false; code: 'bad_request' | 'revision_refused' | 'storage_failed'; message: string }

/** Takes in the upload on stdin. `folder` has the function's revisions by name, `aside` is made. */
async function takeIn(folder: string, aside: string): Promise<Written> {
  const { form, sha256 } = readUpload(await text(process.stdin))
  const revision = sha256.slice(0, 12)
  const sizes = [...form.modules.values(), ...form.assets.values()].map(({ byteLength }) => byteLength)
  const written: Written = {
    ok: true, sha256, revision, main: form.main, assets: form.assets.size, there: false,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(form.config === undefined ? {} : { config: form.config }),
  }
  if (await stat(join(folder, revision)).catch(() => undefined)) return { ...written, there: true }
  const { code, map } = await composeUpload(form)
  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(path), { recursive: true })
    // A system that does not tell A from a must not lose one of them.
    const file = await open(path, 'wx')
    await file.writeFile(content)
    await file.sync()
    await file.close()
  }
  await put(join(aside, 'function.mjs.map'), map)
  await put(join(aside, 'function.mjs'), `${code}//# sourceMappingURL=function.mjs.map\n`)
  for (const [path, bytes] of form.assets) await put(join(aside, 'assets', path), bytes)
  await syncFolders(aside)
  return written
}

/** Brings the names of files onto the disk too. */
async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await syncFolders(join(folder, entry.name))
  const handle = await open(folder, 'r')
  // Some systems cannot sync a folder.
  await handle.sync().catch(() => {})
  await handle.close()
}

const [folder, aside] = process.argv.slice(2)
if (folder === undefined || aside === undefined) throw new Error('expected the folder of the revisions and the one aside')
let told: Written
try {
  told = await takeIn(folder, aside)
} catch (error) {
  await rm(aside, { recursive: true, force: true })
  told = { ok: false, ...explain(error) }
}
await stopBundler()
process.stdout.write(JSON.stringify(told))

/** What is wrong with the upload, or with the disk; what is wrong with this program ends it. */
function explain(error: unknown): { code: 'bad_request' | 'revision_refused' | 'storage_failed'; message: string } {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code === 'bad_request' || code === 'revision_refused') return { code, message }
  if (syscall !== undefined) return { code: 'storage_failed', message: `the upload cannot be kept (${code}): ${message}` }
  throw error
}
