import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import readerFunction from '../../functions/reader.ts'
import { token, type Edition } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const start = readme.slice(readme.indexOf('## Start'), readme.indexOf('## The way of a request'))

test('what the README shows of the first edition, and of one after a like, is what the functions answer: fields, words, weights', async (t) => {
  const news = openNews(t, { READER_SECRET: 'a secret of this test' })
  const headers = { authorization: `Bearer ${token('a secret of this test', { sub: 'ada' })}` }
  const shown = JSON.parse(/```json\n(.*?)\n```/s.exec(start)![1]!) as Edition
  const answer = async () => (await news.ask<Edition>(edition, '/edition?limit=3', { headers })).body
  const [[told], first] = [shown.stories, await answer()]
  const [story] = first.stories
  assert.deepEqual([Object.keys(first), Object.keys(story!)], [Object.keys(shown), Object.keys(told!)])
  assert.deepEqual([story!.id, story!.title, story!.source, story!.url], [told!.id, told!.title, told!.source, told!.url])
  assert.deepEqual(story!.reasons.map(({ signal, label }) => [signal, label]), told!.reasons.map(({ signal, label }) => [signal, label]))
  assert.ok(Math.abs(story!.score - told!.score) <= 2, `${story!.score}, and ${told!.score} in the README`)

  const events = JSON.parse(/-d '(\{"events".*?\})'/.exec(start)![1]!) as object
  await news.ask(readerFunction, '/reader/events', { method: 'POST', headers, body: JSON.stringify(events) })
  const reason = JSON.parse(/such as `(\{.*?\})`/.exec(start)![1]!) as object
  const { stories } = await answer()
  assert.ok(!stories.find(({ id }) => id === story!.id)!.reasons.some(({ signal }) => signal === 'text'), 'what is liked is not said to be like what is liked')
  const of = stories.flatMap(({ reasons }) => reasons).filter(({ signal }) => signal === 'topic')
  assert.ok(of.length > 0)
  for (const one of of) assert.deepEqual(one, reason)
})
