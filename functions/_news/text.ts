import { decodeEntities } from './entities.ts'

// Only these are taken for tags, so that "Vec<T>" and "a < b" survive.
const elements =
  'a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br button canvas caption center cite code ' +
  'col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 ' +
  'h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee math menu meta meter nav ' +
  'nobr noembed noframes noscript object ol optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script search ' +
  'section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title ' +
  'tr track tt u ul var video wbr xmp sound spacer ' +
  'mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover mtable mtr mtd mfenced mpadded mphantom ' +
  'merror menclose semantics annotation'
// What is never closed reaches to the end; so every pattern passes over a text once.
const comments = /<!--[\s\S]*?(?:-->|$)/g
const silent = /<(script|style|head|template|noscript|iframe|object|svg)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi
const apartNames = 'address article aside blockquote br dd div dl dt figcaption figure footer h[1-6] header hr li ol p pre section table td th tr ul'
const apart = new RegExp(`</?(?:${apartNames.split(' ').join('|')})\\b[^<>]*>`, 'gi')
const tag = new RegExp(`</?(?:${elements.split(' ').join('|')})(?:[\\s/][^<>]*)?>`, 'gi')

function withoutTags(text: string): string {
  if (!text.includes('<')) return text
  return text
    .replace(comments, ' ')
    .replace(silent, ' ')
    .replace(apart, ' ')
    .replace(tag, '')
}

/**
 * Plain text of a piece of HTML: no tags (those hidden behind character references included), no references, single spaces.
 * Cut at a word's end with an ellipsis where it is longer than `limit` characters.
 */
export function plainText(html: string, limit = Infinity): string {
  // What is far beyond the limit is dropped before the costly part; 20 leaves room for markup.
  const source = limit === Infinity ? html : html.slice(0, limit * 20)
  return shortened(withoutTags(decodeEntities(withoutTags(source))), limit)
}

/** Text that holds no markup, in single spaces: signs that look like tags stay. References of HTML, a common slip, are decoded. Cut like plainText. */
export function literalText(text: string, limit = Infinity): string {
  return shortened(decodeEntities(text), limit)
}

function shortened(words: string, limit: number): string {
  const text = words.replace(/[\p{Cc}\u00a0\u200b\ufeff\s]+/gu, ' ').trim()
  if (text.length <= limit) return text
  const cut = text.slice(0, limit - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '').trimEnd()}…`
}

/** A topic as it is compared: lower case, single spaces, at most 40 characters; '' where nothing is left. */
export function topicOf(text: string): string {
  return plainText(text, 200).toLowerCase().normalize('NFC').slice(0, 40).trim()
}
