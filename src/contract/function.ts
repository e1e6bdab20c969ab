import type { ExecutionContext, ExportedHandler, ScheduledController } from '@cloudflare/workers-types'

/** Cron syntaxes: Cloudflare counts weekdays 1–7 from Sunday, unix 0–7 with Sunday at both ends. */
export type CronDialect = 'cloudflare' | 'unix'

/** A schedule of a function; a plain string is `{ cron }`. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  cron: string
  /** IANA time zone; default `UTC`. */
  timeZone?: string
  /** Default `cloudflare`. */
  dialect?: CronDialect
  /** What happens to a tick while the previous one still runs; default `skip`. */
  overlap?: 'skip' | 'allow'
  /** One extra tick when the host starts; default false. */
  atStart?: boolean
}

/** Changes of a bucket's objects that wake a function; a plain string is `{ bucket }`. */
export interface BucketTrigger {
  bucket: string
  /** Default: both. */
  events?: ('create' | 'delete')[]
  /** Only keys that begin with it; default: all. */
  prefix?: string
  /** Only keys that end with it; default: all. */
  suffix?: string
}

/** The data a function declares about itself: `export const config = { … } satisfies FunctionConfig`. */
export interface FunctionConfig {
  /** `"GET /edition"`, `"/any/method/*"` (Hono's pattern syntax); default `/<name>` and `/<name>/*`. */
  routes?: string[]
  /** Default for a function with `scheduled`: `[triggers] crons` of `wrangler.toml`. */
  schedules?: (string | Schedule)[]
  /** Names of the queues it consumes. */
  queues?: string[]
  /** Buckets whose changes its `queue` handler is told of, in Cloudflare's notifications. */
  buckets?: (string | BucketTrigger)[]
  /** MiB, 64–10,240; default 128. Also sets the CPU weight. */
  memory?: number
  /** Seconds until the last body byte, 1–900; default 30. */
  timeout?: number
  /** Milliseconds of CPU per invocation; default no limit. */
  cpu?: number
  /** Seconds an instance's event loop may stand still before it is killed, 1–900; default 10. */
  block?: number
  /** Invocations at once per instance, 1–10,000; default 64. */
  concurrency?: number
  /** 1–1,000; default 8. */
  maxInstances?: number
  /** Invocations that may wait for a place, 0–100,000; default 256. */
  maxWaiting?: number
  /** Seconds before an unused instance is retired, 1–86,400; default 60. */
  idle?: number
  /** Names of the variables and bindings it gets; default: all of `wrangler.toml`. */
  env?: string[]
  /** What its `fetch` may reach; default `public`. */
  outbound?: 'public' | 'none'
  /** May load native addons; such a function takes no warm cell. Default false. */
  native?: boolean
  /** Most that its invocations may cost on one day (UTC), in US dollars at list prices; default: no limit. */
  budget?: number
  /** Further attempts at an event of an asynchronous call that failed, 0–2; default 2: after one minute, and after two more. */
  retries?: number
  /** Seconds after which such an event is given up, 60–21,600; default 21,600. */
  maxEventAge?: number
  /** Where the record of an event goes that ran well: `queue:NAME` or `function:NAME`. */
  onSuccess?: string
  /** Where the record of an event goes that was given up: `queue:NAME` or `function:NAME`. */
  onFailure?: string
}

/** What a function file exports as default: Workers' handler shape. */
export type FunctionHandlers<Env = unknown> = Pick<ExportedHandler<Env>, 'fetch' | 'scheduled' | 'queue'>

export type { ExecutionContext, ScheduledController }

/** The handlers a loaded function turned out to have. */
export type HandlerName = 'fetch' | 'scheduled' | 'queue'
