const maxEntities = 300
const maxLength = 1000
const maxDeclaration = 32_768

/** A document without its type declaration, and the entities that it declared. */
export interface Declared {
  text: string
  entities: Map<string, string>
}

/**
 * Takes the document type declaration out of a document and reads its entities; nothing is ever loaded for it.
 * @throws Error where an entity stands for a file, holds other entities, or there are too many or too long ones.
 */
export function declaredEntities(document: string): Declared {
  const entities = new Map<string, string>()
  const start = document.slice(0, 20_000).search(/<!doctype\b/i)
  const prolog = start < 0 ? '' : document.slice(0, start).replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, '')
  if (start < 0 || prolog.includes('<')) return { text: document, entities }
  const end = endOf(document, start)
  const declaration = document.slice(start, end)
  if (declaration.length > maxDeclaration) throw new Error(`parser: the document type declaration is longer than ${maxDeclaration} characters`)
  for (const [, body = ''] of declaration.matchAll(/<!ENTITY\s+((?:"[^"]*"|'[^']*'|[^<>"'])*)>/gi)) {
    const [, parameter, name = '', rest = ''] = /^(%\s+)?([^\s"']+)\s*([\s\S]*)$/.exec(body) ?? []
    if (/^(?:SYSTEM|PUBLIC)\b/i.test(rest)) {
      // Lists of HTML's names, which are known anyway.
      if (parameter !== undefined && /^PUBLIC\s+["']-\/\/W3C\/\/ENTITIES/i.test(rest)) continue
      throw new Error(`parser: the document's entity "${name.slice(0, 40)}" stands for a file; external entities are refused`)
    }
    const value = rest.replace(/^["']|["']\s*$/g, '')
    if (/&(?!#)|%[\w.-]+;/.test(value.replace(/&(?:amp|lt|gt|quot|apos);/g, ''))) {
      throw new Error(`parser: the document's entity "${name.slice(0, 40)}" holds other entities; such documents are refused`)
    }
    if (value.length > maxLength) throw new Error(`parser: the document's entity "${name.slice(0, 40)}" is longer than ${maxLength} characters`)
    if (parameter === undefined && !entities.has(name)) entities.set(name, value)
    if (entities.size > maxEntities) throw new Error(`parser: the document declares more than ${maxEntities} entities`)
  }
  return { text: document.slice(0, start) + document.slice(end), entities }
}

// Quotes and brackets may hold the sign that ends it.
function endOf(document: string, start: number): number {
  let quote = ''
  let inside = false
  for (let at = start; at < document.length; at += 1) {
    const sign = document.charAt(at)
    if (quote !== '') quote = sign === quote ? '' : quote
    else if (inside && document.startsWith('<!--', at)) {
      const close = document.indexOf('-->', at)
      if (close < 0) return document.length
      at = close + 2
    } else if (sign === '"' || sign === "'") quote = sign
    else if (sign === '[') inside = true
    else if (sign === ']') inside = false
    else if (sign === '>' && !inside) return at + 1
  }
  // Never closed: up to the first sign that could close it.
  const first = document.indexOf('>', start)
  return first < 0 ? document.length : first + 1
}
