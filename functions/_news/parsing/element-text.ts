import type { RawText } from './raw-feed.ts'
import type { Element } from './tree.ts'

const marked = /<\/(?:p|a|b|i|em|div|strong|ul|li|span|blockquote)\s*>|<(?:br|p|img)\b[^<>]*>/i

/** Text as markup: nothing in it is taken for a tag. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function serialized(element: Element): string {
  let result = ''
  for (const child of element.children) {
    if (typeof child === 'string') result += escapeText(child)
    else if (child.name === '#cdata') result += contentOf(child)
    else {
      const attributes = [...child.attributes].map(([name, value]) => ` ${name}="${escapeText(value).replaceAll('"', '&quot;')}"`).join('')
      const inner = serialized(child)
      const childless = /^(?:br|hr|img|input)$/i.test(child.local)
      result += `<${child.local}${attributes}>${inner}${childless ? '' : `</${child.local}>`}`
    }
  }
  return result
}

function isElement(child: Element | string): child is Element {
  return typeof child !== 'string' && child.name !== '#cdata'
}

/** The text of an element without its elements' own. */
export function contentOf(element: Element): string {
  let result = ''
  for (const child of element.children) {
    if (typeof child === 'string') result += child
    else if (child.name === '#cdata') result += contentOf(child)
  }
  return result
}

function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s+/g, '')), (sign) => sign.charCodeAt(0))
    return new TextDecoder('utf-8').decode(bytes)
  } catch {
    return undefined
  }
}

// The wrapper that Atom asks for around XHTML.
function unwrapped(html: string, element: Element): string {
  const inside = element.children.filter((child) => typeof child !== 'string' || child.trim() !== '')
  const only = inside[0]
  return inside.length === 1 && only !== undefined && isElement(only) && only.local.toLowerCase() === 'div' ? serialized(only) : html
}

/** What an element says as a text: by its type and mode in `atom`, else as markup; undefined where nothing is in it. */
export function textOf(element: Element | undefined, atom: boolean): RawText | undefined {
  if (element === undefined) return undefined
  const { base, language } = element
  const type = element.attributes.get('type')?.trim().toLowerCase()
  const mode = element.attributes.get('mode')?.trim().toLowerCase()
  if (element.children.some(isElement)) {
    const value = unwrapped(serialized(element), element)
    return { value, plain: false, base, language }
  }
  const content = contentOf(element)
  if (content.trim() === '') return undefined
  const binary = mode === 'base64' || (type !== undefined && type.includes('/') && !/^text\/|[+/]xml$|html/.test(type))
  const decoded = binary ? fromBase64(content) : undefined
  const value = decoded ?? content
  const text = type === 'text' || type === 'text/plain'
  const plain = atom && decoded === undefined && mode !== 'escaped' && (text || (type === undefined && !marked.test(value)))
  return { value, plain, base, language }
}
