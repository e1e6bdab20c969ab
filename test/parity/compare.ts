import { known } from './known.ts'
import { asks, stepped, type Ask } from './requests.ts'

/** What one request was answered. */
export interface Answer {
  /** 0: the connection broke off. */
  status: number
  headers: [string, string][]
  body: string
}

/** One line of the report. */
export interface Line {
  request: string
  /** Why a difference is allowed; null where it is not, or where there is none. */
  reason: string | null
  same: boolean
  node: Answer
  workerd: Answer
}

/** Headers that a function or the host decides about; the others are of the connection or of a proxy on the way. */
const compared = new Set([
  'access-control-allow-methods', 'access-control-allow-origin', 'access-control-expose-headers', 'allow', 'cache-control', 'content-length', 'content-type', 'etag', 'location',
  'retry-after', 'server-timing', 'set-cookie', 'vary', 'pressroom-invocation',
])
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const PATIENCE_MS = 60_000

async function ask(base: string, { path, method = 'GET', headers = {}, body, leave = false }: Ask): Promise<Answer> {
  try {
    // A page of elsewhere: no error may tell it of the inside of a function.
    const sent = { 'accept-encoding': 'identity', ...(path.startsWith('/cdn-cgi/') ? {} : { origin: 'http://elsewhere.test' }), ...headers }
    const client = new AbortController()
    const response = await fetch(base + path, { redirect: 'manual', signal: client.signal, method, headers: sent, ...(body === undefined ? {} : { body }) })
    const told = [...response.headers].filter(([name]) => compared.has(name)).map(([name, value]): [string, string] => [name, steady(value.replaceAll(base, 'http://host'))])
    if (leave) {
      await response.body?.getReader().read()
      client.abort()
      return { status: response.status, headers: [], body: 'the client left' }
    }
    const text = steady(Buffer.from(await response.arrayBuffer()).toString('latin1'))
    return { status: response.status, headers: told.toSorted(([a], [b]) => a.localeCompare(b)), body: text.length > 2000 ? `${text.slice(0, 100)}… ${text.length} bytes` : text }
  } catch {
    return { status: 0, headers: [], body: '' }
  }
}

/** Without what differs from call to call. */
function steady(text: string): string {
  return text.replaceAll(UUID, '<id>').replaceAll(/(queue|init);dur=[\d.]+/g, '$1;dur=…').replace(/, run;dur=.*/, '')
}

/** How a body is sent, whole or in parts, is a matter of moments, and of wrangler's proxy: its length counts where both tell one. */
function alike(a: Answer, b: Answer): boolean {
  const both = [a, b].every(({ headers }) => headers.some(([name]) => name === 'content-length'))
  const plain = (answer: Answer) => JSON.stringify({ ...answer, headers: answer.headers.filter(([name]) => both || name !== 'content-length') })
  return plain(a) === plain(b)
}

async function settled(base: string, one: Ask): Promise<Answer> {
  const deadline = Date.now() + (one.until === undefined ? 0 : PATIENCE_MS)
  for (;;) {
    const answer = await ask(base, one)
    if (one.until === undefined || Buffer.from(answer.body, 'latin1').toString() === one.until || Date.now() > deadline) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Asks every request of both hosts, one after the other in the same order, so that both have the same past. */
export async function compare(node: string, workerd: string): Promise<Line[]> {
  const steps = await Promise.all(stepped.map(async (program) => {
    const names = (await (await fetch(`${workerd}/${program}`)).json()) as string[]
    return names.map((name): Ask => ({ path: `/${program}/${name}`, headers: { cookie: 'a=1; b=two' } }))
  }))
  const lines: Line[] = []
  for (const one of [...steps.flat(), ...asks]) {
    const [onNode, onWorkerd] = await Promise.all([settled(node, one), settled(workerd, one)])
    const { cookie: _, 'content-type': __, ...shown } = one.headers ?? {}
    const request = [`${one.method ?? 'GET'} ${one.path}`, ...Object.entries(shown).map(([name, value]) => `${name}: ${value}`)].join(', ')
    const same = alike(onNode, onWorkerd)
    lines.push({ request, same, reason: same ? null : (known[request] ?? null), node: onNode, workerd: onWorkerd })
  }
  return lines
}
