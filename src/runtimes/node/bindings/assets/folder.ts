import { createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { getMimeType } from 'hono/utils/mime'
import type { AssetsSpec, HtmlHandling } from '../spec.ts'

/** Files up to this size are read in one go. */
const WHOLE_BYTES = 1024 * 1024
/** Instructions to the platform, not files. */
const NOT_SERVED = new Set(['/_headers', '/_redirects', '/.assetsignore'])

interface Found {
  /** Below the folder, beginning with a slash. */
  path: string
  /** Real path on disk. */
  file: string
  size: number
  etag: string
}

/** Finds and serves the files of one folder. */
export class AssetFolder {
  readonly #spec: AssetsSpec
  #root: Promise<string> | undefined

  /** @param spec the folder and its rules */
  constructor(spec: AssetsSpec) {
    this.#spec = spec
  }

  /** Answers with a file, 304, 307 to its tidy address, 404 or 405. */
  async serve(request: Request): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Method Not Allowed', { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    const url = new URL(request.url)
    const path = decodePath(url.pathname)
    if (path === undefined) return new Response(null, { status: 404 })
    const found = await this.#find(path)
    if (found === undefined) return this.#absent(request, path)
    const tidy = tidyPath(found.path, this.#spec.htmlHandling)
    const address = encodeURI(tidy).replace(/[?#]/g, encodeURIComponent)
    if (address === url.pathname) return serve(request, found, 200)
    if ((await this.#find(tidy))?.path === found.path) return new Response(null, { status: 307, headers: { location: `${address}${url.search}` } })
    // Its tidy address belongs to another file, so this one keeps its full name.
    return path === found.path ? serve(request, found, 200) : this.#absent(request, path)
  }

  async #absent(request: Request, path: string): Promise<Response> {
    if (this.#spec.notFoundHandling === 'single-page-application') {
      const page = await this.#file('/index.html')
      if (page !== undefined) return serve(request, page, 200)
    }
    if (this.#spec.notFoundHandling === '404-page') {
      for (let end = path.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
        const page = await this.#file(`${path.slice(0, end)}/404.html`)
        if (page !== undefined) return serve(request, page, 404)
      }
    }
    return new Response(null, { status: 404 })
  }

  async #find(path: string): Promise<Found | undefined> {
    const slash = path.endsWith('/')
    const stem = slash ? path.slice(0, -1) : path
    const handling = this.#spec.htmlHandling
    const folderFirst = handling === 'force-trailing-slash' || (handling === 'auto-trailing-slash' && slash)
    const pages = folderFirst ? [`${stem}/index.html`, `${stem}.html`] : [`${stem}.html`, `${stem}/index.html`]
    const candidates = handling === 'none' ? [path] : slash ? pages : [path, ...pages]
    for (const candidate of candidates) {
      const found = await this.#file(candidate)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Finds a regular file in the folder; a link that leads out of it is not found. */
  async #file(path: string): Promise<Found | undefined> {
    if (NOT_SERVED.has(path)) return undefined
    try {
      this.#root ??= realpath(this.#spec.directory)
      const root = await this.#root
      const file = await realpath(join(root, path))
      if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined
      const status = await stat(file, { bigint: true })
      if (!status.isFile()) return undefined
      return { path, file, size: Number(status.size), etag: `"${status.size.toString(16)}-${status.mtimeNs.toString(16)}"` }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP' || code === 'ERR_ACCESS_DENIED') return undefined
      throw error
    }
  }
}

/** The path without escapes, or undefined when it is malformed or could lead out of the folder. */
function decodePath(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname).replace(/\/{2,}/g, '/')
    return /[\0\\]|\/\.{1,2}(?:\/|$)/.test(path) ? undefined : path
  } catch {
    return undefined
  }
}

/** The one address of a file; HTML pages are spelled without `.html` and `index`. */
function tidyPath(path: string, handling: HtmlHandling): string {
  if (handling === 'none' || !path.endsWith('.html')) return path
  if (path.endsWith('/index.html')) {
    const folder = path.slice(0, -'index.html'.length)
    return handling === 'drop-trailing-slash' && folder !== '/' ? folder.slice(0, -1) : folder
  }
  const stem = path.slice(0, -'.html'.length)
  return handling === 'force-trailing-slash' ? `${stem}/` : stem
}

async function serve(request: Request, { path, file, size, etag }: Found, status: 200 | 404): Promise<Response> {
  const headers = new Headers({ etag, 'cache-control': 'public, max-age=0, must-revalidate' })
  if (status === 200 && isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  const type = getMimeType(path)
  if (type !== undefined) headers.set('content-type', type)
  headers.set('content-length', String(size))
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const body = size <= WHOLE_BYTES ? await readFile(file) : (Readable.toWeb(createReadStream(file)) as unknown as ReadableStream)
  return new Response(body, { status, headers })
}

function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}
