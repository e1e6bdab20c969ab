/** Prints what the newsroom reads in a feed: `npm run --silent parse -- FILE [--content-type T] [--address URL]`. */
import { readFile } from 'node:fs/promises'
import { readDocument } from '../functions/_news/parsing/document.ts'
import { readArguments } from './arguments.ts'

const usage = 'usage: npm run --silent parse -- FILE [--content-type T] [--address URL]   (where FILE came with, and from)'
const { values, path: file } = readArguments(usage, { 'content-type': { type: 'string' }, address: { type: 'string', default: 'https://feed.example/' } })
const empty = { id: null, title: '', url: null, description: '', rights: '', language: null, author: null, updated_at: null, categories: [] }

function time(at: number | null): string | null {
  // A feed's clock may be wrong; nothing is published in the future.
  return at === null ? null : new Date(Math.min(at, Date.now())).toISOString()
}

async function read(path: string): Promise<object> {
  try {
    const { feed, encoding } = await readDocument(new Uint8Array(await readFile(path)), { contentType: values['content-type'], address: values.address })
    const { items, updatedAt, ...about } = feed
    const articles = items.map((item) => ({
      id: item.guid,
      url: item.url,
      title: item.title,
      summary: item.summary,
      content_html: item.contentHtml,
      author: item.author,
      categories: item.categories,
      published_at: time(item.publishedAt),
      updated_at: time(item.updatedAt),
      image: item.image,
      language: item.language,
      enclosures: item.enclosures,
    }))
    return { feed: { ...about, updated_at: time(updatedAt), encoding }, articles }
  } catch (error) {
    process.exitCode = 1
    return { feed: empty, articles: [], error: error instanceof Error ? error.message : String(error) }
  }
}

console.log(JSON.stringify(await read(file), null, 2))
