import sanitizeHtml from 'sanitize-html'
import { decodeEntities } from '../entities.ts'
import { plainText } from '../text.ts'
import { withoutTracking } from '../tracking.ts'
import { escapeText } from './element-text.ts'

const shown =
  'a abbr address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em ' +
  'figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre q rp rt ruby s samp section small source ' +
  'span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr'

// Elements open at once; the effort of the parser below grows with their square.
const maxOpen = 1000
const unheld = new Set(['area', 'br', 'col', 'dd', 'dt', 'hr', 'img', 'input', 'li', 'link', 'meta', 'option', 'p', 'source', 'track', 'wbr'])

function isTooDeep(html: string): boolean {
  if (html.length < maxOpen * 3) return false
  const open = new Map<string, number>()
  let total = 0
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][^\s/>]*)/gi)) {
    const element = name.toLowerCase()
    if (unheld.has(element)) continue
    const count = open.get(element) ?? 0
    if (slash === '/' && count === 0) continue
    const step = slash === '/' ? -1 : 1
    open.set(element, count + step)
    total += step
    if (total > maxOpen) return true
  }
  return false
}

// Characters; articles are far shorter.
const maxLength = 2 ** 20

function absolute(value: string | undefined, base: string): string | undefined {
  if (value === undefined) return undefined
  try {
    // Browsers drop these signs inside an address; so does what looks at its scheme.
    // oxlint-disable-next-line no-control-regex
    return new URL(value.replace(/[\u0000-\u0020]+/g, (found) => (found.includes(' ') ? ' ' : '')).trim(), base).href
  } catch {
    return undefined
  }
}

function withAddresses(names: string[], more: Record<string, string>, base: string) {
  return (tagName: string, attributes: Record<string, string>): { tagName: string; attribs: Record<string, string> } => {
    const attribs: Record<string, string> = { ...attributes, ...more }
    for (const name of names) {
      const address = absolute(attribs[name], base)
      if (address === undefined) Reflect.deleteProperty(attribs, name)
      else attribs[name] = address
    }
    return { tagName, attribs }
  }
}

/**
 * HTML without anything that acts, styles the page, or asks for input: scripts, handlers, frames, forms, SVG and MathML go, and so do
 * addresses that are not http, https or mailto (`data:` only for images). Relative addresses become absolute from `base`,
 * and links lose what only tells where a reader came from.
 * What is beyond a million characters is cut off; of HTML with a thousand elements open at once, only the words are left.
 */
export function sanitized(html: string, base: string): string {
  const text = html.slice(0, maxLength)
  if (!text.includes('<')) return escapeText(decodeEntities(text)).trim()
  if (isTooDeep(text)) return escapeText(plainText(text, 20_000))
  return sanitizeHtml(text, {
    allowedTags: shown.split(' '),
    allowedAttributes: {
      '*': ['lang', 'dir', 'title'],
      a: ['href', 'rel', 'name'],
      img: ['src', 'alt', 'width', 'height', 'loading'],
      audio: ['src', 'controls'],
      video: ['src', 'controls', 'poster', 'width', 'height'],
      source: ['src', 'type'],
      blockquote: ['cite'],
      q: ['cite'],
      time: ['datetime'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start', 'reversed'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['http', 'https', 'data'] },
    allowedSchemesAppliedToAttributes: ['href', 'src', 'cite', 'poster'],
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    nestingLimit: 100,
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'xmp', 'noembed', 'noframes', 'iframe', 'template', 'title'],
    transformTags: {
      a(tagName, attributes) {
        const link = withAddresses(['href'], { rel: 'noopener noreferrer nofollow' }, base)(tagName, attributes)
        if (link.attribs.href !== undefined) link.attribs.href = withoutTracking(link.attribs.href)
        return link
      },
      img: withAddresses(['src'], { loading: 'lazy' }, base),
      audio: withAddresses(['src'], { controls: '' }, base),
      video: withAddresses(['src', 'poster'], { controls: '' }, base),
      source: withAddresses(['src'], {}, base),
    },
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !/^(?:https?:|data:image\/(?:png|jpe?g|gif|webp|avif);)/i.test(attribs.src ?? ''),
  }).trim()
}
