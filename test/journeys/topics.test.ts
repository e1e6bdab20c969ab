import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { ingested } from '../suites/ingest-progress.ts'
import { NewsReader, token, type Story } from '../suites/news-client.ts'
import { startHost, until } from './host-process.ts'

const secret = 'a secret of this test alone, long enough'

type Item = [guid: string, title: string, summary: string, category: string | undefined, minutes: number]
function feed(items: readonly Item[]): string {
  return `<rss version="2.0"><channel><title>Feed</title>${items.map(([guid, title, summary, category, minutes]) =>
    `<item><guid isPermaLink="false">${guid}</guid><link>https://paper.example/${guid}</link><title>${title}</title><description>${summary}</description>${category === undefined ? '' : `<category>${category}</category>`}<pubDate>${new Date(Date.now() - minutes * 60_000).toUTCString()}</pubDate></item>`).join('')}</channel></rss>`
}

test('topics of what was ingested are listed, followed and muted by any name; a story told by two goes with the second one that is muted', { timeout: 120_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const dam = 'Thousands leave their homes below the Orrin dam after a week of rain.'
  feeds.answers.set('/gazette.rss', { body: feed([
    ['g1', 'Quiet loom learns to weave', 'It needs no hands.', 'IT', 40],
    ['g2', 'Dam above Kelverstad gives way after week of rain', dam, 'World news', 30],
    ['g3', 'Striker scores twice as Vesterhal win the premier league match', 'The coach praised his players after the final.', 'Uncategorized', 50],
  ]) })
  feeds.answers.set('/courier.rss', { body: feed([
    ['c1', 'New lathe for small rooms', 'It fits under a bed.', undefined, 45],
    ['c2', 'Orrin dam breaks: Kelverstad evacuated', `${dam} The dam above Kelverstad gave way.`, 'World', 20],
  ]) })
  feeds.list([{ path: '/gazette.rss', title: 'Gazette' }, { path: '/courier.rss', title: 'Courier', topic: 'Teknologi' }])
  await using host = await startHost({
    functions: 'functions', flags: ['--allow-outbound', new URL(feeds.origin).host], env: { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret },
  })
  await until('every source was asked', () => ingested(host.lines.join('\n'), 1), 60_000)
  const reader = new NewsReader(host.url, token(secret, { sub: 'ada' }))
  const stories = async () => until('an edition of real stories', async () => {
    const list = (await reader.edition()).stories
    return list.every(({ source }) => !source.title.endsWith('(sample)')) && list
  })
  const choose = async (preferences: object) => assert.equal((await reader.call('/reader', { method: 'PUT', body: preferences })).status, 200)

  const { body } = await reader.call<{ topics: { topic: string; stories: number }[] }>('/topics')
  const counts = new Map(body.topics.map(({ topic, stories: count }) => [topic, count]))
  assert.deepEqual([...counts.keys()].toSorted(), ['sport', 'technology', 'world'])
  assert.equal(counts.get('sport'), 1, 'by its words: its category says nothing')
  assert.ok(counts.get('technology')! >= 2)

  const first = await stories()
  assert.equal(first.length, 4)
  const place = (list: Story[], title: string) => list.findIndex((story) => story.title === title)
  await choose({ topics: { follow: ['tech'], mute: ['Sports'] } })
  const followed = await stories()
  assert.equal(place(followed, 'Striker scores twice as Vesterhal win the premier league match'), -1)
  const reasons = followed.find(({ title }) => title === 'Quiet loom learns to weave')!.reasons
  assert.ok(reasons.some(({ signal, label }) => signal === 'follow' && label === 'you follow technology'))
  assert.ok(place(followed, 'Quiet loom learns to weave') <= place(first, 'Quiet loom learns to weave'))

  await choose({ topics: { follow: [], mute: [] } })
  const isDam = ({ title }: Story) => title.includes('dam ') || title.startsWith('Dam ')
  const told = (await stories()).find(isDam)!
  const other = first.find(({ source }) => source.id !== told.source.id)!.source
  await choose({ sources: { follow: [], mute: [told.source.id] } })
  const retold = (await stories()).find(isDam)!
  assert.deepEqual([retold.id, retold.source], [told.id, other], 'the same story, by the other source')
  assert.notEqual(retold.url, told.url)
  await reader.send('hide', [retold])
  await choose({ sources: { follow: [], mute: [] } })
  assert.ok(!(await stories()).some(isDam), 'whoever told it when it was hidden')
  await choose({ sources: { follow: [], mute: [told.source.id, other.id] } })
  assert.deepEqual((await reader.edition()).stories, [])
})
