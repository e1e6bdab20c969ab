import { Parser } from 'htmlparser2'
import { decodeEntities } from '../entities.ts'
import { nameIn, namespacesOf, noNamespaces, type Namespaces } from './namespaces.ts'
import { declaredEntities } from './doctype.ts'

/** An element of a document; its texts are decoded. */
export interface Element {
  /** In lower case, with the usual prefix of its namespace whatever prefix the document uses; RSS and Atom have none. */
  name: string
  /** As written, without a prefix. */
  local: string
  /** As written, in lower case; '' where there is none. */
  prefix: string
  attributes: Map<string, string>
  children: (Element | string)[]
  /** Absolute; undefined where no element around it says. */
  base: string | undefined
  language: string | undefined
  /** False where the document ended, or another element, before it did. */
  closed: boolean
}

const maxDepth = 200
const maxAttributes = 256
const maxElements = 300_000
// With those that need no end: the parser below looks through all that are open.
const maxOpen = 5000
// Characters that a document's own entities may stand for, all in all.
const maxExpanded = 1_000_000

// These never hold anything; many documents forget to close them.
const empty = new Set(['br', 'hr', 'img', 'input', 'enclosure'])

function resolved(address: string, base: string | undefined): string | undefined {
  try {
    const url = new URL(address.trim(), base)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : base
  } catch {
    return base
  }
}

/**
 * Reads any XML, well-formed or not, into a tree: what is not closed ends with what is around it, references of HTML are known.
 * Answers the element around everything.
 * @throws Error that says which limit the document breaks: nesting, attributes, elements, or entities that hold entities or files.
 */
export function readTree(document: string, address?: string): Element {
  const { text, entities } = declaredEntities(document)
  let expanded = 0
  const decode = (raw: string): string => {
    if (!raw.includes('&')) return raw
    const own = entities.size === 0 ? raw : raw.replace(/&([\w.-]+);/g, (whole, name: string) => {
      const value = entities.get(name)
      expanded += value?.length ?? 0
      if (expanded > maxExpanded) throw new Error(`parser: the document's entities stand for more than ${maxExpanded} characters`)
      return value ?? whole
    })
    return decodeEntities(own)
  }
  const top: Element = { name: '#document', local: '', prefix: '', attributes: new Map(text === document ? [] : [['doctype', '']]), children: [], base: undefined, language: undefined, closed: true }
  const stack: { element: Element; written: string; namespaces: Namespaces }[] = []
  let current = top
  let namespaces = noNamespaces
  let raw = ''
  let cdata = false
  let elements = 0
  let attributes = 0
  let open = 0

  function flush(): void {
    if (raw === '') return
    if (cdata) current.children.push(cdataOf(raw, current))
    else current.children.push(decode(raw))
    raw = ''
  }

  function close(written: string, closed: boolean): void {
    let at = stack.length - 1
    while (at >= 0 && stack[at]?.written !== written) at -= 1
    if (at < 0) return
    const found = stack[at]
    if (found === undefined) return
    found.element.closed = closed
    stack.length = at
    current = stack.at(-1)?.element ?? top
    namespaces = stack.at(-1)?.namespaces ?? noNamespaces
  }

  const parser = new Parser(
    {
      onopentagname() {
        attributes = 0
      },
      onattribute() {
        attributes += 1
        if (attributes > maxAttributes) throw new Error(`parser: an element with more than ${maxAttributes} attributes`)
      },
      onopentag(written, found) {
        flush()
        elements += 1
        if (elements > maxElements) throw new Error(`parser: more than ${maxElements} elements`)
        open += 1
        // A link with an address holds no elements.
        const around = stack.at(-1)
        if (around !== undefined && around.element.name === 'link' && around.element.attributes.has('href')) close(around.written, true)
        if (stack.length >= maxDepth || open > maxOpen) throw new Error(`parser: elements nested deeper than ${maxDepth}`)
        const inner = namespacesOf(found, namespaces)
        const own = new Map(Object.entries(found).map(([name, value]) => [name.toLowerCase(), decode(value)]))
        const language = own.get('xml:lang')?.replaceAll('_', '-').trim()
        const base = own.get('xml:base')
        const element: Element = {
          name: nameIn(written, inner),
          local: written.slice(written.indexOf(':') + 1),
          prefix: written.slice(0, Math.max(0, written.indexOf(':'))).toLowerCase(),
          attributes: own,
          children: [],
          base: base === undefined ? current.base : resolved(base, current.base ?? address),
          language: language === undefined ? current.language : language || undefined,
          closed: false,
        }
        current.children.push(element)
        if (empty.has(element.local.toLowerCase())) {
          element.closed = true
          return
        }
        stack.push({ element, written, namespaces: inner })
        current = element
        namespaces = inner
      },
      onclosetag(written, implied) {
        flush()
        open -= 1
        // An element that closes itself is called implied, too.
        close(written, !implied || (text.charAt(parser.endIndex) === '>' && text.charAt(parser.endIndex - 1) === '/'))
      },
      ontext(data) {
        raw += data
      },
      oncdatastart() {
        flush()
        cdata = true
      },
      oncdataend() {
        flush()
        cdata = false
      },
      onerror(error) {
        throw error
      },
    },
    { xmlMode: true, decodeEntities: false },
  )
  parser.end(text)
  flush()
  return top
}

function cdataOf(value: string, around: Element): Element {
  const { base, language } = around
  return { name: '#cdata', local: '', prefix: '', attributes: new Map(), children: [value], base, language, closed: true }
}
