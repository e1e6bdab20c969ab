import assert from 'node:assert/strict'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import pages from '../../functions/pages.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import type { Edition } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews } from './news-env.ts'

function undatedFeed(names: string[], date = ''): string {
  const items = names.map((name) => `<item><title>${name}</title><link>https://undated.example/${name}</link>${date}</item>`)
  return `<rss version="2.0"><channel><title>Undated</title>${items.join('')}</channel></rss>`
}

test('items without a date stand below the news of the day, in the order of their feed, however often they are read again', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  // From a quarter of an hour to 20 hours old.
  for (const [index, age] of [15, 600, 1200].entries()) feeds.answers.set(`/dated${index}.rss`, { body: madeFeed(`Dated${index}`, 1, age) })
  feeds.answers.set('/undated.rss', { body: undatedFeed(['first', 'second']) })
  feeds.answers.set('/old.rss', { body: madeFeed('Old', 1, 3 * 24 * 60) })
  feeds.list(['/undated.rss', '/old.rss', '/dated0.rss', '/dated1.rss', '/dated2.rss'].map((path) => ({ path, title: path })))
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml` })
  const read = async (): Promise<Edition['stories']> => (await news.ask<Edition>(edition, '/edition')).body.stories
  await news.tick()
  const stories = await read()
  const order = ['Dated0 story 0', 'Dated1 story 0', 'Dated2 story 0', 'first', 'second', 'Old story 0']
  assert.deepEqual(stories.map(({ title }) => title), order)
  assert.equal(stories[3]?.reasons[0]?.label, 'first seen within the hour, without a date')

  feeds.answers.set('/undated.rss', { body: undatedFeed(['third', 'second', 'first']) })
  await news.tick()
  const again = await read()
  // Two of one source stand among the first ten, the third gives way.
  assert.deepEqual(again.map(({ title }) => title), ['Dated0 story 0', 'Dated1 story 0', 'Dated2 story 0', 'third', 'first', 'Old story 0', 'second'])
  const date = (list: Edition['stories'], title: string): string | undefined => list.find((story) => story.title === title)?.published_at
  for (const title of ['first', 'second']) assert.equal(date(again, title), date(stories, title), title)

  const told = '2026-01-02T03:04:05.000Z'
  feeds.answers.set('/undated.rss', { body: undatedFeed(['first'], `<pubDate>${new Date(told).toUTCString()}</pubDate>`) })
  await news.tick()
  assert.equal(date(await read(), 'first'), told, 'a date that the feed adds counts')
  feeds.answers.set('/undated.rss', { body: undatedFeed(['first', 'fourth']) })
  await news.tick()
  assert.equal(date(await read(), 'first'), told, 'a date that the feed takes away again still does')
})

test('of an item without a date is told when it was first seen, however far down its feed it stands', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/undated.rss', { body: undatedFeed(Array.from({ length: 90 }, (_, i) => `item${i}`)) })
  feeds.list([{ path: '/undated.rss', title: 'Undated' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml` })
  await news.tick()
  const { stories } = (await news.ask<Edition>(edition, '/edition?limit=100')).body
  assert.equal(stories.length, 90)
  for (const { reasons } of stories) assert.equal(reasons.find(({ signal }) => signal === 'recency')?.label, 'first seen within the hour, without a date')
  const page = await (await pages.fetch(new Request('http://news.test/'), news.env, { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext)).text()
  assert.equal(page.match(/first seen <time datetime="[^"]+">(?:just now|1 min ago)/g)?.length, 20)
})
