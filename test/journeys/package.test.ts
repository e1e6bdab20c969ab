import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, suite, test, type TestContext } from 'node:test'
import { runCommand, until, type CommandProcess } from './host-process.ts'
import { installPackage, lendPackages, packProject, typecheck, type Tarball } from './installed-package.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'pressroom-package-'))
const app = join(folder, 'app')
const own = join(app, 'node_modules/pressroom')
let tarball: Tarball
/** Why nothing could be installed here. */
let missing: string | undefined

void suite('the package', () => {
  before(async () => {
    mkdirSync(join(app, 'functions'), { recursive: true })
    writeFileSync(join(app, 'functions/hello.ts'), `
      import type { FunctionConfig } from 'pressroom'
      export const config = { timeout: 5 } satisfies FunctionConfig
      export default { fetch: (): Response => new Response('hello from a package') }
    `)
    tarball = await packProject(folder)
    missing = await installPackage(app, tarball)
  })
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

  test('holds what runs, its licence and its page, and leaves the project as it was', () => {
    const expected = /^(bin\/pressroom\.js|deploy\/pressroom\.service|dist\/.*|package\.json|README\.md|LICENSE)$/
    assert.deepEqual(tarball.files.filter((file) => !expected.test(file)), [])
    const code = /^dist\/(.*\.js|(index|contract\/[\w-]+)\.d\.ts|cli\/templates\/[\w.]+\.txt)$/
    assert.deepEqual(tarball.files.filter((file) => file.startsWith('dist/') && !code.test(file)), [])
    assert.deepEqual(tarball.files.filter((file) => /\/runtimes\/(workers|memory)\//.test(file)), [])
    for (const file of ['bin/pressroom.js', 'dist/cli/main.js', 'dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md']) {
      assert.ok(tarball.files.includes(file), file)
    }
    assert.ok(!existsSync(join(tarball.project, 'dist')))
    assert.equal(readFileSync(join(tarball.project, 'package.json'), 'utf8'), readFileSync(join(ROOT, 'package.json'), 'utf8'))
  })

  test('starts no TypeScript, and imports only what is installed with it', (t) => {
    if (skipped(t)) return
    const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
    const known = new Set([...Object.keys(dependencies), ...builtinModules])
    const modulesHere = new Set(tarball.files.map((file) => basename(file, '.js')))
    const strays = tarball.files.filter((file) => /^dist\/.*\.js$/.test(file)).flatMap((file) => {
      const code = readFileSync(join(own, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      const modules = [...code.matchAll(/\b(?:from|import|import\(|require\()\s*(['"])((?:@[\w-]+\/|node:)?\w[\w./-]*)\1/g)].map(([, , name]) => name!)
      const foreign = modules.filter((name) => !name.startsWith('node:') && !known.has(/^(@[^/]+\/)?[^/]+/.exec(name)![0]))
      // A module named as a file, to start it: it is not called so in the package.
      const named = [...code.matchAll(/['"`/]([\w-]+)\.ts['"`]/g)].map(([, name]) => name!)
      return [...foreign, ...named.filter((name) => modulesHere.has(name))].map((what) => `${file}: ${what}`)
    })
    assert.deepEqual(strays, [])
  })

  test('installed in an empty folder with one function, runs with `npx pressroom start`', async (t) => {
    if (skipped(t)) return
    const host = npx('start', '--port', '0', '--admin-port', '0')
    const { url, admin_url: adminUrl } = await serving(host)
    assert.equal(await (await fetch(`${url}/hello`)).text(), 'hello from a package')
    const { functions } = (await (await fetch(`${adminUrl}/functions`)).json()) as { functions: { name: string }[] }
    assert.deepEqual(functions.map(({ name }) => name), ['hello'])
    // npx ends at once and passes nothing on; the output is complete when the host has ended too.
    host.child.kill('SIGTERM')
    await host.exited
    assert.match(host.lines.join('\n'), /shutting down: .*\n.*"shut down"/)
  })

  test('`npx pressroom dev` takes a change, and bindings and migrations work from the package', async (t) => {
    if (skipped(t)) return
    const cwd = join(app, 'with-bindings')
    mkdirSync(join(cwd, 'functions'), { recursive: true })
    mkdirSync(join(cwd, 'migrations'))
    writeFileSync(join(cwd, 'migrations/0001_notes.sql'), `CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept in D1');`)
    writeFileSync(join(cwd, 'wrangler.toml'), [
      '[[d1_databases]]', 'binding = "DB"', 'database_name = "notes"', 'database_id = "notes"', 'migrations_dir = "migrations"',
      '[[kv_namespaces]]', 'binding = "KV"', 'id = "notes"',
    ].join('\n'))
    const write = (greeting: string) => writeFileSync(join(cwd, 'functions/notes.ts'), `
      export default {
        async fetch(_request: Request, env: any): Promise<Response> {
          await env.KV.put('key', 'kept in KV')
          const note = await env.DB.prepare('SELECT text FROM notes').first('text')
          return Response.json(['${greeting}', note, await env.KV.get('key')])
        },
      }
    `)
    write('first')
    const host = npx('dev', '--port', '0', '--admin-port', '0', { cwd })
    const { url } = await serving(host)
    const ask = async () => (await (await fetch(`${url}/notes`)).json()) as unknown[]
    assert.deepEqual(await ask(), ['first', 'kept in D1', 'kept in KV'])
    write('second')
    await until('the change is taken', async () => (await ask())[0] === 'second')
    host.child.kill('SIGTERM')
    await host.exited
  })

  test('tells its help, its version, and what to do without a folder of functions', async (t) => {
    if (skipped(t)) return
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    const [help, number, start] = await Promise.all([['--help'], ['--version'], ['start', '--functions', 'nowhere']].map(async (args) => {
      const command = npx(...args)
      return { code: await command.exited, text: command.lines.join('\n') }
    }))
    assert.equal(help!.code, 0)
    assert.match(help!.text, /Usage: pressroom[^]*init[^]*start[^]*dev/)
    assert.equal(number!.code, 0)
    assert.ok(number!.text.includes(version))
    assert.equal(start!.code, 1)
    assert.match(start!.text, /there is no folder .*nowhere; create it or name another with --functions/)
  })

  test('brings the right Node where the machine has an old one', async (t) => {
    if (skipped(t)) return
    const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})'
    const { exited, lines } = runCommand(['--version'], { cwd: app, program: [process.execPath, '--import', old, join(own, 'bin/pressroom.js')] })
    assert.equal(await exited, 0, lines.join('\n'))
  })

  test('gives its types to a project that is checked strictly', async (t) => {
    if (skipped(t)) return
    const check = (timeout: string) => {
      writeFileSync(join(app, 'functions/typed.ts'), `
        import { errors, type FunctionConfig, type FunctionHandlers } from 'pressroom'
        export const config = { routes: ['GET /typed'], timeout: ${timeout} } satisfies FunctionConfig
        export default { fetch: (request) => Response.json([request.url, errors.timeout.status]) } satisfies FunctionHandlers
      `)
      return typecheck(app)
    }
    lendPackages(app, '@cloudflare/workers-types')
    for (const resolution of [{ module: 'NodeNext' }, { module: 'ESNext', moduleResolution: 'Bundler' }]) {
      // Declarations are checked too, so that none of them quietly means `any`.
      const compilerOptions = { target: 'ES2024', lib: ['ES2024'], types: ['@cloudflare/workers-types'], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ...resolution }
      writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['functions'] }))
      assert.equal(await check('5'), '')
      assert.match(await check("'5 s'"), /typed\.ts.*Type 'string' is not assignable to type 'number'/)
    }
    rmSync(join(app, 'functions/typed.ts'))
  })

  test('`npx pressroom init` names the tarball it was installed from', async (t) => {
    if (skipped(t)) return
    const { exited, lines } = npx('init', 'fresh')
    assert.equal(await exited, 0, lines.join('\n'))
    const { dependencies } = JSON.parse(readFileSync(join(app, 'fresh/package.json'), 'utf8')) as { dependencies: Record<string, string> }
    assert.deepEqual(dependencies, { pressroom: `file:../../${basename(tarball.path)}` })
  })
})

function skipped(t: TestContext): boolean {
  if (missing !== undefined) t.skip(missing)
  return missing !== undefined
}

/** Runs the installed command as a person would, by way of npx. */
function npx(...args: (string | { cwd: string })[]): CommandProcess {
  const cwd = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg.cwd]))[0] ?? app
  return runCommand(args.filter((arg) => typeof arg === 'string'), { cwd, program: ['npx', 'pressroom'] })
}

/** Waits until it serves: JSON in `start`, text in `dev`. */
async function serving(host: CommandProcess): Promise<{ url: string; admin_url: string }> {
  const told = await host.line((line) => /serving \d+ functions? at /.test(line))
  const [, url, adminUrl] = /at (http:\S+?), operator at (http:\S+?);/.exec(told)!
  return { url: url!, admin_url: adminUrl! }
}
