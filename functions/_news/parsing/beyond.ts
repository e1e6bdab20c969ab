import type { Element } from './tree.ts'

// rss-parser builds objects of every element, slowly.
const mostElements = 20_000
// It looks for the end of every tag of a text up to the text's end, where there is none. Tags times characters, of all texts.
const mostEffort = 2e8
const texts = /^(?:title|description|summary|content|subtitle|tagline|link|id|guid|pubdate|author|name|content:encoded|dc:\w+)$/
const foreign = /^(?:fullitem|body|xhtml:\w+|dcterms:\w+|foaf:\w+|itunes:(?:title|summary|subtitle|author|keywords|category)|media:(?:title|description|category|keywords)|source|abstract|info|tagline|issued|modified|created)$/

function isUnusual(element: Element): boolean {
  const { name, local, prefix, attributes, children, closed } = element
  if (!closed || foreign.test(name)) return true
  for (const [attribute, value] of attributes) {
    if (attribute === 'xml:base' || attribute === 'xml:lang' || attribute === 'mode') return true
    if (attribute === 'type' && /^(?:title|summary|content|subtitle|rights)$/.test(name) && value.trim().toLowerCase() !== 'html') return true
  }
  // The same element under a prefix of the document's own.
  const usual = name.includes(':') ? name.slice(0, name.indexOf(':')) : ''
  if (prefix !== usual && local.toLowerCase() !== 'link') return true
  if (!texts.test(name)) return false
  return name === 'author' ? false : children.some((child) => typeof child !== 'string' && child.name !== '#cdata')
}

/**
 * True where a document holds what rss-parser does not know: addresses and languages of a part, types of a text, elements inside a text or under
 * other prefixes, modules it has no names for, anything unclosed; or more than it reads in good time.
 */
export function isBeyond(tree: Element): boolean {
  let elements = 0
  let effort = 0
  const isLong = (text: string): boolean => {
    if (text.length > 1000) effort += (text.split('<').length - 1) * text.length
    return effort > mostEffort
  }
  const unusual = (around: Element): boolean =>
    around.children.some((child) => {
      if (typeof child === 'string') return isLong(child)
      if (child.name === '#cdata') return unusual(child)
      elements += 1
      return elements > mostElements || isUnusual(child) || unusual(child)
    })
  // A document type declaration may declare entities; it is not part of the tree.
  return tree.attributes.has('doctype') || unusual(tree)
}
