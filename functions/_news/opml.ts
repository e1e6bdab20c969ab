import { decodeEntities } from './entities.ts'
import { topicOf } from './text.ts'

/** A feed that an OPML file lists. */
export interface Outline {
  title: string
  url: string
  /** The outlines around it. */
  topics: string[]
}

const deepest = 50
const cutOff = 'opml: the file is cut off: it does not end with </opml>'

// Names begin where none could go on: each sign is looked at once.
function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name, double, single] of tag.matchAll(/(?<![\w:.-])([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set((name ?? '').toLowerCase(), decodeEntities(double ?? single ?? '').trim())
  }
  return attributes
}

const whole = /^(?:"[^"]*"|'[^']*'|[^"'>])*>/

/**
 * The outlines of a document and its end, each as a tag, in their order; what comments hold is left out. One pass, whatever it holds.
 * A tag whose quotes do not match, or whose quoted text holds tags of HTML, though XML forbids either, reaches to its last `>`.
 */
function* tagsOf(document: string): Generator<string> {
  const marks = /<\/?outline\b|<\/opml\b|<!--|<!\[CDATA\[/gi
  let start: number | undefined
  for (let mark = marks.exec(document); ; mark = marks.exec(document)) {
    if (start !== undefined) {
      const piece = document.slice(start, mark?.index)
      yield whole.exec(piece)?.[0] ?? piece.slice(0, piece.lastIndexOf('>') + 1)
    }
    if (mark === null) return
    start = mark[0].startsWith('<!') ? undefined : mark.index
    if (start !== undefined) continue
    const end = document.indexOf(mark[0] === '<!--' ? '-->' : ']]>', mark.index)
    if (end < 0) throw new Error(cutOff)
    marks.lastIndex = end
  }
}

/**
 * Lists the feeds of an OPML file, nested outlines included, each address once. No entity is resolved but those of HTML and of numbers.
 * @throws Error where it is no OPML, is cut off, lists no feed, nests too deep, or an outline's `xmlUrl` is not http or https; nothing of it is used then.
 */
export function parseOpml(document: string): Outline[] {
  if (!/<opml[\s>]/i.test(document)) throw new Error('opml: no <opml> element; send the file that a feed reader exports')
  const feeds = new Map<string, Outline>()
  const around: string[] = []
  let last = ''
  for (const tag of tagsOf(document)) {
    last = tag
    if (/^<\/outline\b/i.test(tag)) {
      if (around.pop() === undefined) throw new Error('opml: </outline> without an <outline>')
    } else if (/^<outline\b/i.test(tag)) {
      const attributes = attributesOf(tag)
      const title = attributes.get('title') || attributes.get('text') || ''
      const address = attributes.get('xmlurl')
      if (address !== undefined && address !== '') {
        const url = feedUrl(address, title)
        if (!feeds.has(url)) feeds.set(url, { title: title || new URL(url).host, url, topics: [...new Set(around)].filter((topic) => topic !== '') })
      }
      if (!tag.endsWith('/>') && around.push(address === undefined ? topicOf(title) : '') > deepest) throw new Error(`opml: outlines nest deeper than ${deepest}`)
    }
  }
  if (!/^<\/opml\s*>/i.test(last)) throw new Error(cutOff)
  if (around.length > 0) throw new Error('opml: an <outline> is not closed')
  if (feeds.size === 0) throw new Error('opml: no outline with an xmlUrl; expected at least one feed')
  return [...feeds.values()]
}

function feedUrl(address: string, title: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error(`opml: xmlUrl of "${title}": expected an http or https address, found ${JSON.stringify(address.slice(0, 200))}`)
  }
  if (url.username !== '' || url.password !== '') throw new Error(`opml: xmlUrl of "${title}": no user name or password may be in it`)
  url.hash = ''
  return url.href
}

/** Writes an OPML file of feeds, each within outlines of its topics: the first around the second, and so on. */
export function writeOpml(feeds: readonly Outline[]): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  const lines = (within: readonly Outline[], depth: number): string[] => {
    const indent = '  '.repeat(depth + 2)
    const folders = Map.groupBy(within, ({ topics }) => topics[depth])
    return [...folders].flatMap(([folder, inside]) => folder === undefined
      ? inside.map(({ title, url }) => `${indent}<outline type="rss" text="${escaped(title)}" title="${escaped(title)}" xmlUrl="${escaped(url)}"/>`)
      : [`${indent}<outline text="${escaped(folder)}" title="${escaped(folder)}">`, ...lines(inside, depth + 1), `${indent}</outline>`])
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head><title>Pressroom</title></head>\n  <body>\n${lines(feeds, 0).join('\n')}\n  </body>\n</opml>\n`
}
