import type { NewsEnv } from './env.ts'

/**
 * The text of an asset, named as `asset:/samples/world.xml`.
 * @throws Error where there is none.
 */
export async function readAsset(env: NewsEnv, address: string): Promise<string> {
  const response = await env.ASSETS.fetch(new URL(address.slice('asset:'.length), 'http://assets.invalid').href)
  if (!response.ok) throw new Error(`assets: ${address} is not among them (${response.status})`)
  return response.text()
}
