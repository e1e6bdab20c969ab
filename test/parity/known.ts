/** Differences that are meant so, each with its reason; the key is what the report shows of the request. */
export const known: Record<string, string> = {
  'GET /d1/syntax': 'node:sqlite does not tell at which character a statement is wrong',
  'GET /d1/exec-bad': 'node:sqlite does not tell at which character a statement is wrong',
  'GET /d1/begin': 'both refuse it; this host names the way out that a function has, batch()',
  'GET /cdn-cgi/handler/scheduled?cron=1%201%201%201%20*&time=1700000000000': 'wrangler says ok to a cron that nobody has; this host names the mistake',
  'GET /web/sockets': 'this host serves no WebSockets, and says so by name',
}
