import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core'
import { sendEvents } from '../suites/arcade.suite.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

const executablePath = process.env['PRESSROOM_CHROMIUM'] ?? '/usr/bin/chromium'
const skip = existsSync(executablePath) ? false : `needs Chromium at ${executablePath}, or PRESSROOM_CHROMIUM`
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const shots = process.env['PRESSROOM_SCREENSHOTS']
const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true }

const start = (env: Record<string, string> = {}): Promise<HostProcess> => startHost({ functions: 'functions', env: { SOURCES: '', ...env } })

/** Opens the game in a browser of its own, and tells what it complains of. The browser closes before its host, which would wait for it. */
async function open(host: HostProcess, options: BrowserContextOptions = {}): Promise<AsyncDisposable & { page: Page; complaints: string[] }> {
  const browser = await chromium.launch({ executablePath, args })
  const page = await (await browser.newContext(options)).newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${host.url}/arcade`)
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() }
}

const rows = (page: Page): Promise<string[]> => page.locator('#board tr').allTextContents()
const said = async (page: Page): Promise<string> => (await page.getByRole('status').textContent()) ?? ''
const over = (page: Page): Promise<unknown> => until('the round is over', async () => (await page.locator('#word').textContent()) === 'Again', 60_000)

test('two browsers play taps, one by keys and one by touch, and see each other on the board as it happens', { skip, timeout: 180_000 }, async () => {
  await using host = await start()
  await using ada = await open(host)
  await using bob = await open(host, phone)

  await ada.page.getByLabel('Your name').fill('Ada')
  // From the field a round begins, and wherever the keys go then, they tap.
  await ada.page.keyboard.press('Enter')
  for (let tap = 0; tap < 12; tap++) await ada.page.keyboard.press(tap % 2 === 0 ? 'Space' : 'Enter')
  assert.equal(await ada.page.locator('#count').textContent(), '12')
  await until('Bob sees Ada on the board', async () => (await rows(bob.page)).includes('1Ada12'), 60_000)

  await bob.page.getByLabel('Your name').fill('Bob <b>')
  const button = bob.page.locator('#tap')
  await button.tap()
  for (let tap = 0; tap < 15; tap++) await button.tap()
  await until('Ada sees Bob above her', async () => (await rows(ada.page)).join('|') === '1Bob <b>15|2Ada12', 60_000)
  await until('and what happened', async () => (await ada.page.locator('#feed').textContent())?.includes('Bob <b> scored 15'), 60_000)
  assert.deepEqual(await ada.page.locator('#board tr.mine').allTextContents(), ['2Ada12'])
  await until('Bob is told his place', async () => (await said(bob.page)) === '15 taps. Sent. Place 1 today.', 60_000)
  assert.deepEqual([await ada.page.locator('#how').textContent(), await ada.page.locator('#feed li').count() > 3], ['Live', true])
  if (shots !== undefined) for (const [name, { page }] of Object.entries({ ada, bob })) await page.screenshot({ path: join(shots, `arcade-${name}.png`), fullPage: true })
  assert.deepEqual([ada.complaints, bob.complaints], [[], []])

  // The instance that tells them dies: they come again by themselves, and are told what they missed.
  const { functions } = await host.admin<{ functions: { name: string; instances: { pid: number }[] }[] }>('/functions')
  for (const { pid } of functions.find(({ name }) => name === 'live')!.instances) process.kill(pid, 'SIGKILL')
  await sendEvents(host.url, 'taps', [{ id: 'meanwhile', player: 'Cleo', type: 'score', value: 20 }])
  for (const { page } of [ada, bob]) {
    await until('Cleo is on the board', async () => (await rows(page))[0] === '1Cleo20', 60_000)
    await until('and her score among what happened', async () => (await page.locator('#feed').textContent())?.includes('Cleo scored 20'), 60_000)
    assert.equal(await page.locator('#how').textContent(), 'Live')
  }
})

test('a key that is held counts once, presses that come late begin no round, and who is not among the ten sees their place', { skip, timeout: 180_000 }, async () => {
  await using host = await start()
  await sendEvents(host.url, 'taps', Array.from({ length: 12 }, (_, index) => ({ id: `${index}`, player: `p${index}`, type: 'score', value: 50 + index })))
  await using opened = await open(host)
  const { page, complaints } = opened
  await page.getByLabel('Your name').fill('عمر')
  await page.getByRole('button', { name: 'Start' }).click()
  // Down again without going up is what a held key sends.
  for (let repeat = 0; repeat < 30; repeat++) await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  for (let tap = 0; tap < 2; tap++) await page.locator('#tap').click()
  assert.equal(await page.locator('#count').textContent(), '3')
  await until('the time is up', async () => (await page.locator('#word').textContent()) === 'Time!', 60_000)
  for (let late = 0; late < 5; late++) await page.keyboard.press('Space')
  await over(page)
  await until('the place is told', async () => (await said(page)) === '3 taps. Sent. Place 13 today.', 60_000)
  assert.deepEqual(await page.locator('#own tr.mine').allTextContents(), ['13عمر3'])
  assert.equal((await rows(page)).length, 10)
  assert.deepEqual(complaints, [])
})

test('an arcade with a key says that it takes no scores from here', { skip, timeout: 180_000 }, async () => {
  await using host = await start({ ARCADE_KEY: 'of this test' })
  await using opened = await open(host)
  const { page } = opened
  await page.getByRole('button', { name: 'Start' }).click()
  await page.keyboard.press('Space')
  await over(page)
  assert.equal(await said(page), '1 tap. This arcade takes scores from holders of its key only.')
})
