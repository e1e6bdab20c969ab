import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { startFeedServer } from '../suites/feed-server.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

const root = join(import.meta.dirname, '../..')
const executablePath = process.env['PRESSROOM_CHROMIUM'] ?? '/usr/bin/chromium'
const skip = existsSync(executablePath) ? false : `needs Chromium at ${executablePath}, or PRESSROOM_CHROMIUM`
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const shots = process.env['PRESSROOM_SCREENSHOTS']

let host: HostProcess
let profile: string
let browser: BrowserContext
before(async () => {
  if (skip !== false) return
  host = await startHost({ functions: join(root, 'functions'), cwd: root, flags: ['--allow-outbound', '127.0.0.1'] })
  profile = mkdtempSync(join(tmpdir(), 'pressroom-chromium-'))
  browser = await chromium.launchPersistentContext(profile, { executablePath, args, viewport: { width: 1280, height: 900 } })
})
after(async () => {
  if (skip !== false) return
  await browser.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  await host.stop()
})

async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(host.url + path)
  return { page, complaints }
}

/** Adds up how far what stands on a page moves without being asked to (cumulative layout shift). */
const watchShifts = `globalThis.shifted = 0
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value }).observe({ type: 'layout-shift', buffered: true })`

const titles = (page: Page) => page.locator('main h2').allTextContents()

test('first visit → edition → follow a topic → hide a story → the edition changes → search → erase', { skip, timeout: 180_000 }, async () => {
  const { page, complaints } = await open('/')
  const first = await titles(page)
  assert.equal(first.length, 20)
  await page.locator('details summary').first().click()
  const points = await page.locator('details[open] .reasons span:last-child').allTextContents()
  assert.ok(points.length >= 2)
  assert.equal(points.slice(0, -1).reduce((sum, text) => sum + Number(text), 0), Number(points.at(-1)), 'the reasons add up')

  await page.goto(`${host.url}/news/topics`)
  await page.getByRole('button', { name: /^Follow: / }).first().click()
  await page.getByRole('button', { name: /^Followed: /, pressed: true }).waitFor()

  await page.goto(host.url)
  assert.match((await page.locator('.reasons').allTextContents()).join(' '), /you follow/)
  const top = (await titles(page))[0]!
  await page.getByRole('button', { name: `Hide: ${top}` }).click()
  await page.getByRole('status').getByText('Hidden for good').waitFor()
  assert.ok(!(await titles(page)).includes(top), 'what is hidden is gone')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('status').getByText('Back again').waitFor()
  assert.ok((await titles(page)).includes(top), 'and back when that is undone')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('status').getByText('Hidden for good').waitFor()

  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0, 'what was told can be put away')

  await page.goto(`${host.url}/news/search`)
  await page.getByRole('searchbox').pressSequentially('ferries')
  await page.locator('#results mark').first().waitFor()
  assert.match((await page.locator('#results').textContent()) ?? '', /Night ferries/)
  await page.locator('#results a').first().click()
  await page.waitForURL('**/news/story/*')
  assert.match((await page.locator('h1').textContent()) ?? '', /Night ferries/)

  await page.goto(`${host.url}/news/me`)
  assert.match((await page.locator('main').textContent()) ?? '', /opened 1 story, liked 0 and hid 1/)
  assert.equal(await page.getByRole('button', { name: `Show again: ${top}` }).count(), 1, 'what was hidden can be had back')
  const before = await page.locator('main code').first().textContent()
  await page.getByText('Erase everything …').click()
  await page.getByRole('button', { name: 'Erase everything' }).click()
  await page.waitForURL(`${host.url}/?did=erase`)
  assert.ok((await titles(page)).includes(top), 'nobody remembers what was hidden')
  await page.goto(`${host.url}/news/me`)
  assert.notEqual(await page.locator('main code').first().textContent(), before, 'the reader is a new one')
  assert.deepEqual(complaints, [])
  await page.close()
})

test('a reader adds a feed or a file of them, sees how that went, and deletes one', { skip, timeout: 180_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 3, 5) })
  feeds.answers.set('/chess.rss', { body: madeFeed('Chess', 3, 5) })
  feeds.answers.set('/home', { type: 'text/html', body: '<!doctype html><link rel="alternate" type="application/rss+xml" href="/blog.rss">' })
  const { page, complaints } = await open('/news/sources')
  const add = async (address: string) => {
    await page.getByLabel('Add a feed').fill(address)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.waitForURL('**/news/sources?*')
    return page.getByRole('status').textContent()
  }
  assert.match((await add(`${feeds.origin}/home`)) ?? '', /among your sources/)
  assert.match((await page.locator('.rows').textContent()) ?? '', /Blog\s+yours · 3 articles · fetched/)
  assert.match((await add(`${feeds.origin}/none`)) ?? '', /could not be added/)
  assert.equal(await page.getByLabel('Add a feed').inputValue(), `${feeds.origin}/none`, 'what was typed can be mended')
  const file = `<opml version="2.0"><body><outline text="Games"><outline text="Chess" xmlUrl="${feeds.origin}/chess.rss"/></outline></body></opml>`
  await page.getByLabel('OPML file').setInputFiles({ name: 'mine.opml', mimeType: 'text/x-opml', buffer: Buffer.from(file) })
  await page.getByRole('button', { name: 'Import' }).click()
  await page.waitForURL('**/news/sources?done=*')
  await page.getByRole('button', { name: 'Delete: Blog' }).click()
  await page.getByRole('status').getByText('no longer yours').waitFor()
  assert.deepEqual(await page.getByRole('button', { name: /^Delete: / }).allTextContents(), ['Delete'])
  await until('the feed of the file is read', async () => (await page.reload(), /Chess\s+yours · 3 articles · fetched/.test((await page.locator('.rows').textContent()) ?? '')))
  assert.deepEqual(complaints, [])
  await page.close()
})

test('every page is within 60 KB, and says the same without script', { skip, timeout: 180_000 }, async () => {
  const plain = await chromium.launch({ executablePath, args })
  const context = await plain.newContext({ javaScriptEnabled: false })
  try {
    const page = await context.newPage()
    for (const path of ['/', '/news/topics', '/news/search?q=ferries', '/news/sources', '/news/me', '/arcade']) {
      const answer = await page.goto(host.url + path)
      assert.equal(answer?.status(), 200, path)
      assert.ok((await answer!.body()).length < 60_000, path)
    }
    await page.goto(`${host.url}/news/search`)
    await page.getByRole('searchbox').fill('ferries')
    await page.getByRole('button', { name: 'Search' }).click()
    assert.match((await page.locator('#results').textContent()) ?? '', /Night ferries/)
  } finally {
    await plain.close()
  }
})

test('without script a story is hidden, had back and liked where it stands, and the reader erased', { skip, timeout: 180_000 }, async () => {
  const plain = await chromium.launch({ executablePath, args })
  const context = await plain.newContext({ javaScriptEnabled: false })
  try {
    const page = await context.newPage()
    await page.goto(host.url)
    const [top] = await titles(page)
    const press = async (name: string | RegExp, did: string) => {
      await page.getByRole('button', { name }).first().click()
      await page.waitForURL(`**did=${did}**`)
      return titles(page)
    }
    assert.ok(!(await press(`Hide: ${top}`, 'hide')).includes(top!))
    assert.ok((await press('Undo', 'unhide')).includes(top!))
    await press(`Like: ${top}`, 'like')
    assert.equal(await page.getByRole('button', { name: `Liked: ${top}`, pressed: true }).count(), 1)
    await page.getByRole('link', { name: 'More stories' }).click()
    const [further] = await titles(page)
    assert.ok(!(await press(`Hide: ${further}`, 'hide')).includes(further!))
    assert.match(page.url(), /cursor=/, 'it comes back to the page where the button was')
    await page.goto(`${host.url}/news/me`)
    await page.getByText('Erase everything …').click()
    await press('Erase everything', 'erase')
    assert.match((await page.getByRole('status').textContent()) ?? '', /erased/)
  } finally {
    await plain.close()
  }
})

test('of answers to what is typed the last word counts; what was searched for is there on the way back', { skip, timeout: 180_000 }, async () => {
  const { page } = await open('/news/search')
  const first = Promise.withResolvers<void>()
  let asked = 0
  await page.route('**/news/search?q=*', async (route) => {
    if (++asked === 1) await first.promise
    await route.continue().catch(() => {})
  })
  const dropped = page.waitForEvent('requestfailed', (request) => request.url().endsWith('?q=opera'))
  const count = page.locator('#count')
  await page.locator('#q').fill('opera')
  await until('the first question is on its way', () => asked === 1)
  await page.locator('#q').fill('ferries')
  await count.getByText('ferries').waitFor()
  first.resolve()
  await dropped
  assert.match((await count.textContent()) ?? '', /“ferries”/)
  await page.unroute('**/news/search?q=*')
  await page.locator('#results a').first().click()
  await page.waitForURL('**/news/story/*')
  await page.goBack()
  assert.equal(await page.locator('#q').inputValue(), 'ferries')
  assert.match((await count.textContent()) ?? '', /“ferries”/)
  await page.route('**/news/search?q=*', (route) => route.abort())
  await page.locator('#q').fill('bees')
  await count.getByText('cannot be reached').waitFor()
  await page.close()
})

test('no page hinders anybody (axe: WCAG A and AA), by day and night, on phone and desk', { skip, timeout: 300_000 }, async () => {
  const first = await open('/')
  const story = (await first.page.locator('main h2 a').first().getAttribute('href'))!
  await first.page.close()
  for (const path of ['/', '/news/topics', '/news/search?q=ferries', '/news/search?q=zzqq', '/news/sources', '/news/me', story, '/news/nowhere', '/?cursor=no', '/news/sources?problem=no_feed&url=x', '/arcade']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280]) {
        const page = await browser.newPage()
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await page.addInitScript(watchShifts)
        await page.goto(host.url + path, { waitUntil: 'load' })
        assert.equal(await page.evaluate('globalThis.shifted'), 0, `${path} ${width} moves while it loads`)
        // The page's own policy lets no script in; the browser's tools may.
        await page.evaluate(axe)
        const { violations, overflow } = await page.evaluate(async () => {
          const scope = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }; document: { documentElement: { scrollWidth: number; clientWidth: number } } }
          const { violations: found } = await scope.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
          const { scrollWidth, clientWidth } = scope.document.documentElement
          return { violations: found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), overflow: scrollWidth - clientWidth }
        })
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${path.replaceAll(/\W+/g, '-')}-${colorScheme}-${width}.png`) })
        assert.deepEqual(violations, [], `${path} ${colorScheme} ${width}`)
        assert.equal(overflow, 0, `${path} ${width} is wider than its window`)
        await page.close()
      }
    }
  }
})

test('a page of elsewhere changes nothing, and a button leads nowhere else', { skip }, async () => {
  const cookie = (await fetch(host.url)).headers.getSetCookie()[0]!.split(';')[0]!
  const send = (body: Record<string, string>, origin: string) => fetch(`${host.url}/news/act`, { method: 'POST', redirect: 'manual', headers: { cookie, origin }, body: new URLSearchParams(body) })
  assert.equal((await send({ what: 'erase', value: 'all', back: '/' }, 'http://elsewhere.test')).status, 403)
  for (const back of ['//elsewhere.test', 'http://elsewhere.test', '/\\elsewhere.test', '/.//elsewhere.test', '/news/..//elsewhere.test', '']) assert.equal((await send({ what: 'follow-topic', value: 'unasked', back }, host.url)).status, 400, back)
  assert.equal((await send({ what: 'like', value: 'no story', back: '/' }, host.url)).status, 400)
  assert.equal((await send({ what: 'constructor', value: 'x', back: '/' }, host.url)).status, 400)
  const done = await send({ act: 'follow-source <b>x</b>', back: '/news/me' }, host.url)
  assert.deepEqual([done.status, done.headers.get('location')?.split('?')[0]], [303, '/news/me'])
  const me = await (await fetch(`${host.url}/news/me`, { headers: { cookie } })).text()
  assert.ok(me.includes('&lt;b&gt;x&lt;/b&gt;') && !me.includes('<b>x</b>') && !me.includes('unasked'))
  assert.equal((await fetch(`${host.url}/news/story/nothing`)).status, 404)
})
