import assert from 'node:assert/strict'
import type { Fetcher } from '@cloudflare/workers-types'

/** Files that the rules expect. */
export const assetFiles: Record<string, string> = {
  'index.html': '<h1>home</h1>',
  'about.html': '<h1>about</h1>',
  'docs/index.html': '<h1>docs</h1>',
  'style.css': 'body {}',
  'feed.xml': '<rss/>',
  'data.json': '{"a":1}',
  'with space.txt': 'space',
  'é.txt': 'accent',
  'plain': 'no suffix',
  'deep/er/file.txt': 'deep',
}

/** What any assets binding does, by rule. */
export const assetRules: Record<string, (assets: Fetcher) => Promise<void>> = {
  'a file comes with its type and an ETag': async (assets) => {
    const types = { 'style.css': /^text\/css/, 'data.json': /^application\/json/, 'feed.xml': /xml/, 'deep/er/file.txt': /^text\/plain/ }
    for (const [path, type] of Object.entries(types)) {
      const answer = await assets.fetch(`http://host/${path}?query=ignored`)
      assert.equal(answer.status, 200)
      assert.match(answer.headers.get('content-type') ?? '', type)
      assert.match(answer.headers.get('etag') ?? '', /^(W\/)?".+"$/)
      assert.equal(await answer.text(), assetFiles[path])
    }
  },
  'a URL and a Request do as well as a string': async (assets) => {
    assert.equal(await (await assets.fetch(new URL('http://host/data.json') as never)).text(), '{"a":1}')
    assert.equal(await (await assets.fetch(new Request('http://host/data.json') as never)).text(), '{"a":1}')
  },
  'an unchanged file is 304': async (assets) => {
    const etag = (await assets.fetch('http://host/style.css')).headers.get('etag') ?? ''
    const known = await assets.fetch('http://host/style.css', { headers: { 'if-none-match': etag } })
    assert.equal(known.status, 304)
    assert.equal(await known.text(), '')
    const other = await assets.fetch('http://host/style.css', { headers: { 'if-none-match': '"other"' } })
    assert.equal(other.status, 200)
    assert.equal(await other.text(), 'body {}')
  },
  'HEAD has the head alone': async (assets) => {
    const answer = await assets.fetch('http://host/style.css', { method: 'HEAD' })
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/css/)
    assert.equal(await answer.text(), '')
  },
  'other methods are 405': async (assets) => {
    const answer = await assets.fetch('http://host/style.css', { method: 'POST', body: 'x' })
    assert.equal(answer.status, 405)
    await answer.text()
  },
  'pages have one address, without suffix and index': async (assets) => {
    for (const [path, body] of [['/', 'home'], ['/about', 'about'], ['/docs/', 'docs']] as const) {
      const answer = await assets.fetch(`http://host${path}`)
      assert.equal(answer.status, 200, path)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/)
      assert.equal(await answer.text(), `<h1>${body}</h1>`)
    }
    for (const [path, tidy] of [['/index.html', '/'], ['/about.html', '/about'], ['/docs', '/docs/'], ['/docs/index.html', '/docs/'], ['/about/', '/about']] as const) {
      const answer = await assets.fetch(`http://host${path}`, { redirect: 'manual' })
      assert.equal(answer.status, 307, path)
      assert.equal(answer.headers.get('location'), tidy)
      await answer.text()
    }
  },
  'names are decoded once': async (assets) => {
    assert.equal(await (await assets.fetch('http://host/with%20space.txt')).text(), 'space')
    assert.equal(await (await assets.fetch('http://host/%C3%A9.txt')).text(), 'accent')
    assert.equal((await assets.fetch('http://host/with%2520space.txt')).status, 404)
  },
  'what is not there is 404': async (assets) => {
    for (const path of ['/nothing', '/style.css/x', '/deep/', '/deep']) {
      const answer = await assets.fetch(`http://host${path}`)
      assert.equal(answer.status, 404, path)
      await answer.text()
    }
  },
  'nothing outside the folder is served': async (assets) => {
    for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/deep/..%2f..%2fsecret.txt', '/..%5csecret.txt', '/secret.txt%00.css', '/%2fetc/passwd', '//etc/passwd']) {
      const answer = await assets.fetch(`http://host${path}`, { redirect: 'manual' })
      assert.notEqual(answer.status, 200, path)
      assert.doesNotMatch(await answer.text(), /secret|root:/, path)
    }
  },
}
