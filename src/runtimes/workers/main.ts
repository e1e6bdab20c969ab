import { env } from 'cloudflare:workers'
import { registry } from '../../../functions/_registry.ts'
import { createWorker } from './worker.ts'

/** The functions of this project as one Worker: `main` of `wrangler.toml`. */
export default createWorker(registry, env as unknown as Record<string, unknown>)
