import assert from 'node:assert/strict'
import { NewsReader, type SearchPage, type SourceView, sumOfWeights } from './news-client.ts'

/** What came of real feeds. */
export interface RealFeedsReport {
  answered: number
  articles: number
  errors: [string, string][]
}

/** Ingests what `SOURCES` names, reads an edition, likes a few stories of one source and reads an edition that changed. */
export async function runRealFeeds(
  { baseUrl, fireIngest }: { baseUrl: string; fireIngest: () => Promise<void> },
): Promise<RealFeedsReport> {
  await fireIngest()
  const reader = new NewsReader(baseUrl)
  const { sources } = (await reader.call<{ sources: SourceView[] }>('/sources')).body
  const before = (await reader.edition()).stories
  assert.equal(before.length, 100)
  for (const story of before) {
    assert.ok(story.title !== '' && /^https?:/.test(story.url), JSON.stringify(story))
    assert.doesNotMatch(`${story.title} ${story.summary}`, /<\/?(?:p|a|b|i|br|img|div|span|script|strong|em)\b[^>]*>/i)
    assert.doesNotMatch(`${story.title} ${story.summary}`, /&(?:amp|lt|gt|quot|#\d+);|\ufffd/)
    assert.equal(sumOfWeights(story), story.score)
  }
  // Of a source that is not most of the edition: all of that would rise together.
  const few = before.filter((story) => before.filter(({ source }) => source.id === story.source.id).length <= 10)
  const low = few.at(-1)!
  await reader.send('like', few.filter(({ source }) => source.id === low.source.id).slice(0, 3))
  const after = (await reader.edition()).stories
  const place = (stories: typeof before): number => stories.findIndex(({ id }) => id === low.id)
  assert.ok(place(after) >= 0 && place(after) < place(before), `the story at ${place(before)} is at ${place(after)} after likes for its source`)
  assert.ok(after[place(after)]?.reasons.some(({ signal }) => signal === 'source'))
  const word = /\p{L}{5,}/u.exec(before[0]?.title ?? '')?.[0] ?? ''
  const found = (await reader.call<SearchPage>(`/search?q=${encodeURIComponent(word)}&limit=100`)).body.results
  assert.ok(found.some(({ id }) => id === before[0]?.id), `search for ${word}`)
  const articles = sources.reduce((sum, source) => sum + source.articles, 0)
  await fireIngest()
  const again = (await reader.call<{ sources: SourceView[] }>('/sources')).body.sources
  assert.equal(again.reduce((sum, source) => sum + source.articles, 0), articles, 'a second tick adds nothing')
  return {
    answered: sources.filter(({ last_success }) => last_success !== null).length,
    articles,
    errors: sources.flatMap(({ title, last_error }): [string, string][] => (last_error === null ? [] : [[title, last_error]])),
  }
}
