/** The programs and the oddities as one Worker, by the runtime that is deployed. */
import { env } from 'cloudflare:workers'
import * as app_ from '../../fixtures/functions/workers/app.js'
import * as books_ from '../../fixtures/functions/workers/books.js'
import * as box_ from '../../fixtures/functions/workers/box.js'
import * as cached_ from '../../fixtures/functions/workers/cached.js'
import * as chat_ from '../../fixtures/functions/workers/chat.js'
import * as counter_ from '../../fixtures/functions/workers/counter.js'
import * as d1_ from '../../fixtures/functions/workers/d1.js'
import * as echo_ from '../../fixtures/functions/workers/echo.js'
import * as feed_ from '../../fixtures/functions/workers/feed.js'
import * as files_ from '../../fixtures/functions/workers/files.js'
import * as jobs_ from '../../fixtures/functions/workers/jobs.js'
import * as kv_ from '../../fixtures/functions/workers/kv.js'
import * as later_ from '../../fixtures/functions/workers/later.js'
import * as nightly_ from '../../fixtures/functions/workers/nightly.js'
import * as notes_ from '../../fixtures/functions/workers/notes.js'
import * as r2_ from '../../fixtures/functions/workers/r2.js'
import * as rewrite_ from '../../fixtures/functions/workers/rewrite.js'
import * as runtime_ from '../../fixtures/functions/workers/runtime.js'
import * as shout_ from '../../fixtures/functions/workers/shout.js'
import * as signed_ from '../../fixtures/functions/workers/signed.js'
import * as visits_ from '../../fixtures/functions/workers/visits.js'
import * as web_ from '../../fixtures/functions/workers/web.js'
import * as broken_stream_ from '../../fixtures/functions/broken-stream.ts'
import * as head_options_ from '../../fixtures/functions/head-options.ts'
import * as hello_ from '../../fixtures/functions/hello.ts'
import * as invalid_header_ from '../../fixtures/functions/invalid-header.ts'
import * as never_settles_ from '../../fixtures/functions/never-settles.ts'
import * as not_a_response_ from '../../fixtures/functions/not-a-response.ts'
import * as null_body_ from '../../fixtures/functions/null-body.ts'
import * as odd_throws_ from '../../fixtures/functions/odd-throws.ts'
import * as redirect_ from '../../fixtures/functions/redirect.ts'
import * as set_cookies_ from '../../fixtures/functions/set-cookies.ts'
import * as slow_ from '../../fixtures/functions/slow.ts'
import * as stream_large_ from '../../fixtures/functions/stream-large.ts'
import * as throws_ from '../../fixtures/functions/throws.ts'
import * as tick_ from '../../fixtures/functions/tick.ts'
import * as tick_throws_ from '../../fixtures/functions/tick-throws.ts'
import * as used_response_ from '../../fixtures/functions/used-response.ts'
import * as wait_until_ from '../../fixtures/functions/wait-until.ts'
import * as watch_signal_ from '../../fixtures/functions/watch-signal.ts'
import { createWorker } from '../../src/runtimes/workers/worker.ts'

const modules = {
  'app': app_,
  'books': books_,
  'box': box_,
  'cached': cached_,
  'chat': chat_,
  'counter': counter_,
  'd1': d1_,
  'echo': echo_,
  'feed': feed_,
  'files': files_,
  'jobs': jobs_,
  'kv': kv_,
  'later': later_,
  'nightly': nightly_,
  'notes': notes_,
  'r2': r2_,
  'rewrite': rewrite_,
  'runtime': runtime_,
  'shout': shout_,
  'signed': signed_,
  'visits': visits_,
  'web': web_,
  'broken-stream': broken_stream_,
  'head-options': head_options_,
  'hello': hello_,
  'invalid-header': invalid_header_,
  'never-settles': never_settles_,
  'not-a-response': not_a_response_,
  'null-body': null_body_,
  'odd-throws': odd_throws_,
  'redirect': redirect_,
  'set-cookies': set_cookies_,
  'slow': slow_,
  'stream-large': stream_large_,
  'throws': throws_,
  'tick': tick_,
  'tick-throws': tick_throws_,
  'used-response': used_response_,
  'wait-until': wait_until_,
  'watch-signal': watch_signal_,
}

export default createWorker(Object.entries(modules).map(([name, { default: handlers, config }]) => ({ name, handlers, config })), env)
