/** What an element's prefixes stand for, the default namespace under '', and what those around it do. */
export interface Namespaces {
  declared: ReadonlyMap<string, string>
  around: Namespaces | undefined
  depth: number
}

/** Around everything. */
export const noNamespaces: Namespaces = { declared: new Map(), around: undefined, depth: 0 }

// Elements in each other that declare some.
const maxDepth = 50

const own = ''
const known = new Map<string, string>(
  Object.entries({
    'http://www.w3.org/2005/atom': own,
    'http://purl.org/atom/ns#': own,
    'http://purl.org/atom/': own,
    'http://purl.org/echo/': own,
    'http://purl.org/pie/': own,
    'http://backend.userland.com/rss': own,
    'http://backend.userland.com/rss2': own,
    'http://blogs.law.harvard.edu/tech/rss': own,
    'http://purl.org/rss/1.0/': own,
    'http://my.netscape.com/rdf/simple/0.9/': own,
    'http://www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf',
    'http://purl.org/dc/elements/1.0/': 'dc',
    'http://purl.org/dc/elements/1.1/': 'dc',
    'http://purl.org/dc/terms/': 'dcterms',
    'http://purl.org/rss/1.0/modules/content/': 'content',
    'http://search.yahoo.com/mrss': 'media',
    'http://search.yahoo.com/mrss/': 'media',
    'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
    'http://www.w3.org/1999/xhtml': 'xhtml',
    'http://www.w3.org/xml/1998/namespace': 'xml',
  }),
)
const usual = new Map([
  ['atom', own],
  ['atom10', own],
  ['atom03', own],
  ['a10', own],
  ['rss', own],
])

// Addresses of a namespace come with other versions and cases; these say what they are all the same.
function prefixOf(address: string): string | undefined {
  const plain = address.trim().toLowerCase()
  const found = known.get(plain)
  if (found !== undefined) return found
  if (/^https?:\/\/(?:www\.)?(?:purl\.org\/atom|purl\.org\/net\/rss|purl\.org\/rss\/1\.0\/?$|backend\.userland\.com|channel\.netscape\.com\/rdf)/.test(plain)) return own
  if (/^https?:\/\/(?:[\w.]+\/)?.*podcast-1\.0\.dtd$/.test(plain)) return 'itunes'
  return /\/dc\/elements\/1\.\d\/?$/.test(plain) ? 'dc' : undefined
}

/**
 * The namespaces inside an element with these attributes; `around` itself where it declares none.
 * @throws Error where more than 50 elements in each other declare some.
 */
export function namespacesOf(attributes: Record<string, string>, around: Namespaces): Namespaces {
  let declared: Map<string, string> | undefined
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue
    declared ??= new Map()
    declared.set(name.slice(6).toLowerCase(), value)
  }
  if (declared === undefined) return around
  if (around.depth >= maxDepth) throw new Error(`parser: namespaces declared in each other more than ${maxDepth} times`)
  return { declared, around, depth: around.depth + 1 }
}

function addressOf(prefix: string, namespaces: Namespaces): string | undefined {
  let inner: Namespaces | undefined = namespaces
  while (inner !== undefined) {
    const address = inner.declared.get(prefix)
    if (address !== undefined) return address
    inner = inner.around
  }
  return undefined
}

/** The name of an element in lower case, with the usual prefix of its namespace: none for RSS and Atom. */
export function nameIn(written: string, namespaces: Namespaces): string {
  const lower = written.toLowerCase()
  const colon = lower.indexOf(':')
  const prefix = colon < 0 ? '' : lower.slice(0, colon)
  const local = lower.slice(colon + 1)
  const address = addressOf(prefix, namespaces)
  const usualPrefix = (address === undefined ? undefined : prefixOf(address)) ?? usual.get(prefix) ?? prefix
  return usualPrefix === '' ? local : `${usualPrefix}:${local}`
}
