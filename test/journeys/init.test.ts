import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { runCommand, startHost } from './host-process.ts'
import { lendPackages, typecheck } from './installed-package.ts'

const ROOT = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'pressroom-init-'))
const files = ['.gitignore', 'README.md', 'functions/hello.ts', 'package.json', 'tsconfig.json', 'wrangler.toml']

void suite('init', () => {
  after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))

  test('writes a project and tells the next steps', async () => {
    const { code, text } = await init('told')
    assert.equal(code, 0, text)
    assert.deepEqual(listFiles(join(root, 'told')), files)
    for (const file of files) assert.match(text, new RegExp(`^wrote +${file.replaceAll('.', '\\.')} `, 'm'))
    assert.match(text, /Next:\n {2}cd told\n {2}npm install\n {2}npx pressroom dev\n {2}curl http:\S+\/hello\/ada$/)
    for (const file of files) assert.doesNotMatch(read('told', file), /\{\{/, file)
  })

  test('a second run changes nothing, and puts back what was taken away', async () => {
    await init('again')
    const wrangler = `# of somebody else\n${read('again', 'wrangler.toml')}`
    writeFileSync(join(root, 'again/wrangler.toml'), wrangler)
    rmSync(join(root, 'again/tsconfig.json'))
    const { code, text } = await init('again')
    assert.equal(code, 0, text)
    assert.deepEqual(text.match(/^wrote +\S+/gm), ['wrote  tsconfig.json'])
    for (const file of files.filter((one) => one !== 'tsconfig.json')) assert.match(text, new RegExp(`^kept +${file.replaceAll('.', '\\.')} `, 'm'))
    assert.equal(read('again', 'wrangler.toml'), wrangler)
    assert.match(text, /Next:\n {2}cd again\n {2}npm install --save-dev @cloudflare\/workers-types typescript\n/)
  })

  test('a function hello in another file is kept alone: two of one name would stop a start', async () => {
    mkdirSync(join(root, 'other/functions'), { recursive: true })
    writeFileSync(join(root, 'other/functions/hello.mjs'), `export default { fetch: () => new Response('mine') }`)
    const { text } = await init('other')
    assert.match(text, /^kept +functions\/hello\.mjs /m)
    assert.ok(!listFiles(join(root, 'other')).includes('functions/hello.ts'))
  })

  test('without a folder it is the one it runs in; a name npm would refuse becomes one it takes', async () => {
    const cwd = join(root, 'Press Room & söhne')
    mkdirSync(cwd)
    const { exited, lines } = runCommand(['init'], { cwd })
    assert.equal(await exited, 0, lines.join('\n'))
    assert.doesNotMatch(lines.join('\n'), /^ {2}cd /m)
    const { name } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as { name: string }
    assert.equal(name, 'press-room-s-hne')
    await init('pressroom')
    assert.equal((JSON.parse(read('pressroom', 'package.json')) as { name: string }).name, 'pressroom-functions')
  })

  test('a folder that cannot be one is named, with the way out', async () => {
    writeFileSync(join(root, 'a-file'), '')
    const { code, text } = await init('a-file')
    assert.equal(code, 1, text)
    assert.match(text, /^pressroom: init: cannot write .*a-file.*: ENOTDIR.*; name another folder$/m)
  })

  test('what it writes type-checks, starts without a warning, answers and ticks', async () => {
    await init('runs')
    const cwd = join(root, 'runs')
    lendPackages(cwd, 'pressroom', '@cloudflare/workers-types')
    assert.equal(await typecheck(cwd), '')
    await using host = await startHost({ cwd, functions: join(cwd, 'functions'), data: join(cwd, '.pressroom') })
    const answers = await Promise.all(['/hello', '/hello/ada', '/hello/J%C3%BCrgen'].map(async (path) => (await fetch(host.url + path)).json()))
    assert.deepEqual(answers, [{ message: 'Hello, world!' }, { message: 'Hello, ada!' }, { message: 'Hello, Jürgen!' }])
    const fired = runCommand(['fire', 'hello', '--time', '2026-01-05T09:00:00Z'], { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
    assert.equal(await fired.exited, 0, fired.lines.join('\n'))
    await host.line((line) => line.includes('Hello at 2026-01-05T09:00:00.000Z'))
    assert.equal(await host.stop(), 0)
    assert.deepEqual(host.lines.filter((line) => /"level":"(warn|error)"/.test(line)), [])
  })

  test("Workers' own tool takes the project as it is", async () => {
    await init('worker')
    const cwd = join(root, 'worker')
    lendPackages(cwd, 'pressroom')
    // HOME elsewhere: nothing of the machine's user is read or written.
    const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', HOME: cwd, XDG_CONFIG_HOME: cwd, NO_COLOR: '1' }
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath, [join(ROOT, 'node_modules/.bin/wrangler'), 'deploy', '--dry-run', '--outdir', 'bundle'], { cwd, env },
    )
    assert.match(stdout, /GREETING[^]*--dry-run: exiting now/)
    assert.doesNotMatch(stdout + stderr, /WARNING|ERROR/)
    assert.match(read('worker', 'bundle/hello.js'), /GREETING/)
  })

  test('--help says that nothing is overwritten', async () => {
    const { exited, lines } = runCommand(['init', '--help'])
    assert.equal(await exited, 0)
    assert.match(lines.join('\n'), /init \[options\] \[dir\][^]*kept as it is/)
  })
})

/** Runs `pressroom init` on a folder of this test. */
async function init(name: string): Promise<{ code: number | null; text: string }> {
  const { exited, lines } = runCommand(['init', name], { cwd: root })
  const code = await exited
  return { code, text: lines.join('\n') }
}

function read(project: string, file: string): string {
  return readFileSync(join(root, project, file), 'utf8')
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()
}
