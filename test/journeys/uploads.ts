import assert from 'node:assert/strict'
import { writeUpload, type UploadForm } from '../../src/runtimes/node/code/upload-form.ts'
import type { HostProcess } from './host-process.ts'

/** The body of a refusal. */
export interface Refusal {
  error: { code: string; message: string; function: string | null; detail: string; log: string }
}

/** One module as the body of an upload. */
export function bodyOf(source: string, config?: Record<string, unknown>, assets: Record<string, string> = {}): string {
  return uploadOf({ 'main.mjs': source }, config, assets)
}

/** Modules, the first of them the main one, as the body of an upload. */
export function uploadOf(modules: Record<string, string | Uint8Array>, config?: Record<string, unknown>, assets: Record<string, string> = {}): string {
  const bytes = (content: string | Uint8Array) => (typeof content === 'string' ? new TextEncoder().encode(content) : content)
  const map = (files: Record<string, string | Uint8Array>): UploadForm['modules'] => new Map(Object.entries(files).map(([path, content]) => [path, bytes(content)]))
  return writeUpload({ main: Object.keys(modules)[0]!, modules: map(modules), config, assets: map(assets) })
}

/** Asks the operator's API for a change; answers its status and JSON. */
export async function ask<T>({ adminUrl }: Pick<HostProcess, 'adminUrl'>, path: string, method: string, body?: string | object): Promise<{ status: number; body: T }> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const response = await fetch(adminUrl + path, { method, headers: { 'content-type': 'application/json' }, ...sent })
  return { status: response.status, body: (await response.json()) as T }
}

/** Uploads one module, or the body of an upload, and lets an alias point at it alone; answers its revision. */
export async function deployTo(host: Pick<HostProcess, 'adminUrl'>, name: string, source: string, alias = 'live'): Promise<string> {
  const uploaded = await ask<{ revision: string }>(host, `/functions/${name}/revisions`, 'POST', source.startsWith('{"main"') ? source : bodyOf(source))
  assert.ok([200, 201].includes(uploaded.status), JSON.stringify(uploaded.body))
  const { revision } = uploaded.body
  const set = await ask(host, `/functions/${name}/aliases/${alias}`, 'PUT', { revisions: [{ revision, weight: 100 }] })
  assert.equal(set.status, 200, JSON.stringify(set.body))
  return revision
}
