/**
 * Measures what the classifier of topics says of articles whose publishers say in what section they stand: `npm run eval:topics -- DIR [--json]`.
 * DIR holds `captures/` (news feeds, the section in each address), `clicks/` with categories in an `items.jsonl.gz`, or both. The strengths
 * of its words were set on the publishers named as learned from; the figures that count are those of the others.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { readDocument } from '../../functions/_news/parsing/document.ts'
import { topicByWords } from '../../functions/_news/topics/classify.ts'
import { judge, type Labelled } from './topics/judge.ts'
import { topicsOfCategory, topicsOfSection } from './topics/labels.ts'

const { values: flags, positionals: [folder = ''] } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
/** Publishers whose articles told how much a word of English tells. */
const learnedFrom = ['arstechnica', 'cnn', 'nytimes', 'smh']

async function ofCaptures(): Promise<Labelled[]> {
  const root = join(folder, 'captures')
  if (!existsSync(join(root, 'manifest.tsv'))) return []
  const seen = new Map<string, Labelled>()
  for (const line of readFileSync(join(root, 'manifest.tsv'), 'utf8').trim().split('\n').slice(1)) {
    const columns = line.split('\t')
    const [source, file] = [columns[0]!, columns.at(-1)!]
    // A capture that was cut off says what it can, or nothing.
    const document = await readDocument(new Uint8Array(gunzipSync(readFileSync(join(root, file)))), { contentType: undefined, address: 'https://feed.example/' }).catch(() => undefined)
    for (const { guid, title, summary, language, url } of document?.feed.items ?? []) {
      const labels = topicsOfSection(source, url)
      const key = `${source}\n${guid}`
      if (labels.length > 0 && !seen.has(key)) seen.set(key, { source, title, summary, language, labels })
    }
  }
  return [...seen.values()]
}

type Item = { title?: string; summary?: string; category?: string; topics?: string[] }

function ofClicks(): Labelled[] {
  const root = join(folder, 'clicks')
  const logs = existsSync(root) ? readdirSync(root).filter((log) => existsSync(join(root, log, 'items.jsonl.gz'))) : []
  return logs.flatMap((log) => gunzipSync(readFileSync(join(root, log, 'items.jsonl.gz'))).toString('utf8').trim().split('\n').flatMap((line) => {
    const { title, summary = '', category, topics = [] } = JSON.parse(line) as Item
    const labels = title === undefined || category === undefined ? [] : topicsOfCategory(category, topics)
    return labels.length === 0 ? [] : [{ source: log, title: title!, summary, language: null, labels }]
  }))
}

const all = [...(await ofCaptures()), ...ofClicks()]
if (all.length === 0) {
  console.error('usage: npm run eval:topics -- DIR [--json]   (DIR holds captures/manifest.tsv, or clicks/*/items.jsonl.gz with titles and categories)')
  process.exit(2)
}
const started = performance.now()
const said = all.map((article) => topicByWords(article))
const micros = Math.round(((performance.now() - started) * 1000) / all.length)
const figures = (wanted: (source: string) => boolean) => judge(all.flatMap((article, i) => (wanted(article.source) ? [{ ...article, said: said[i] }] : [])))
const sources = [...new Set(all.map(({ source }) => source))].toSorted()
const result = {
  others: figures((source) => !learnedFrom.includes(source)),
  learned_from: figures((source) => learnedFrom.includes(source)),
  sources: Object.fromEntries(sources.map((source) => {
    const { topics: _, ...rest } = figures((one) => one === source)
    return [source, rest]
  })),
  micros_per_article: micros,
}
if (flags.json) console.log(JSON.stringify(result))
else {
  const { topics, ...others } = result.others
  console.table(topics)
  console.table({ others, 'learned from': { ...result.learned_from, topics: undefined }, ...result.sources })
  console.log(`${micros} µs an article`)
}
