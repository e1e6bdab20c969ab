import type { AssetFolder } from './folder.ts'
import type { AssetsSpec } from '../spec.ts'

/** Static files behind `fetch`, as Cloudflare serves them: GET and HEAD, tidy HTML addresses, ETag, nothing outside the folder. */
export class AssetFetcher {
  readonly #spec: AssetsSpec
  #folder: Promise<AssetFolder> | undefined

  /** @param spec the folder and its rules */
  constructor(spec: AssetsSpec) {
    this.#spec = spec
  }

  /** Answers with a file, 304, 307 to its tidy address, 404 or 405. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    this.#folder ??= import('./folder.ts').then(({ AssetFolder }) => new AssetFolder(this.#spec))
    const request = input instanceof Request && init === undefined ? input : new Request(input, init)
    return (await this.#folder).serve(request)
  }
}
