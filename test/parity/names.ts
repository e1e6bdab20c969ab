/** Worker programs of `fixtures/functions/workers`. */
export const programs = ['app', 'books', 'box', 'cached', 'chat', 'counter', 'd1', 'echo', 'feed', 'files', 'jobs', 'kv', 'later', 'nightly', 'notes', 'r2', 'rewrite', 'runtime', 'shout', 'signed', 'visits', 'web'] as const

/** Functions of `fixtures/functions` that misbehave, or do what a host must carry faithfully. */
export const oddities = [
  'broken-stream', 'head-options', 'hello', 'invalid-header', 'never-settles', 'not-a-response', 'null-body', 'odd-throws', 'redirect',
  'set-cookies', 'slow', 'stream-large', 'throws', 'tick', 'tick-throws', 'used-response', 'wait-until', 'watch-signal',
] as const
