import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bundle, bundleForUpload, stopBundler } from '../../src/runtimes/node/code/bundle.ts'

after(stopBundler)

test('an import of what Workers alone has is refused by name, with the way out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-bundle-'))
  try {
    const file = join(folder, 'platform.js')
    writeFileSync(file, "import { env } from 'cloudflare:workers'\nexport default { fetch: () => Response.json(env) }\n")
    const words = /platform\.js:1:20: cloudflare:workers is there on Workers alone; bindings are in env/
    await assert.rejects(bundle({ name: 'platform', file }, false), words)
    await assert.rejects(bundleForUpload(file), words)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
