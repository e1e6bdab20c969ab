const offset = 'node:sqlite does not tell at which character a statement is wrong'
const named = 'workerd here calls it an internal error; this host names it'
const lenient = 'Cloudflare refuses it, as this host does; its simulator takes it'
const generated = 'Workers make no code out of texts or bytes; Node does, and libraries on Node count on it'

/** Differences that are meant so, each with its reason; the key is what the report shows of the request. */
export const known: Record<string, string> = {
  'GET /d1/syntax': offset,
  'GET /d1/exec-bad': offset,
  'GET /d1/begin': 'both refuse it; this host names the way out that a function has, batch()',
  'GET /cdn-cgi/handler/scheduled?cron=1%201%201%201%20*&time=1700000000000': 'wrangler says ok to a cron that nobody has; this host names the mistake',
  'GET /web/sockets': 'this host serves no WebSockets, and says so by name',
  'GET /box/function': named,
  'GET /box/large': named,
  'GET /box/batch-101': named,
  'GET /box/batch-large': named,
  'GET /box/delay-negative': named,
  'GET /box/delay-long': lenient,
  'GET /r2/put-unknown-length': 'a stream on Node does not know its length; this host takes any',
  'GET /r2/class': 'what Cloudflare calls Standard has no name in its simulator',
  'GET /r2/key-empty': lenient,
  'GET /r2/delete-1001': lenient,
  'GET /r2/list-limit-negative': lenient,
  'GET /r2/list-cursor-bad': lenient,
  'GET /r2/multipart-same': named,
  'GET /r2/multipart-abort-unknown': 'this host does not remember whether an upload that is over ever was',
  'GET /runtime/eval': generated,
  'GET /runtime/wasm': generated,
  'GET /runtime/network': "request.cf is what Cloudflare's network knows of a client",
}
