import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')
/** Ours; Cloudflare takes three MiB compressed of who pays nothing, ten of others. */
const BUDGET_KIB = 1024

for (const [what, config] of [['the functions of this project', 'wrangler.toml'], ['the Tail Worker', 'src/runtimes/workers/bill/wrangler.toml']] as const) {
  test(`wrangler takes ${what}, within ${BUDGET_KIB} KiB compressed`, { timeout: 180_000 }, (t) => {
    const home = mkdtempSync(join(tmpdir(), 'pressroom-deploy-'))
    try {
      const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', HOME: home, XDG_CONFIG_HOME: home, NO_COLOR: '1', FORCE_COLOR: '0' }
      const args = [join(root, 'node_modules/.bin/wrangler'), 'deploy', '--dry-run', '--config', join(root, config), '--outdir', join(home, 'out')]
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
      const size = /Total Upload: .* gzip: ([\d.]+) KiB/.exec(stdout)
      assert.ok(size, stdout)
      t.diagnostic(size[0])
      assert.ok(Number(size[1]) <= BUDGET_KIB, `${size[0]}: more than ${BUDGET_KIB} KiB`)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
}
