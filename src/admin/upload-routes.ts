import { Hono } from 'hono'
import { errors, PressroomError, type ErrorCode } from '../contract/errors.ts'
import { failureBody } from '../contract/failure.ts'

/** Takes in the code of functions. */
export interface Uploads {
  /** Largest body. */
  readonly largestBytes: number
  /**
   * Takes one upload in: one at a time, each whole or not at all. What runs is not touched by it.
   * @throws PressroomError `bad_request`, `body_too_large` or `request_timeout` for the body, `conflict` for the name,
   * `revision_refused` (its `log`: what the code wrote while it was loaded) for the code
   */
  accept(name: string, body: ReadableStream<Uint8Array> | null): Promise<{ revision: string; existed: boolean }>
}

/** The path that takes bodies beyond those of other changes. */
export const UPLOAD_PATH = /^\/functions\/[^/]+\/revisions$/

/** Uploads of code: 201 with the new revision, 200 when it is there already, 422 when the code cannot be served. */
export function uploadRoutes(uploads: Uploads | undefined): Hono {
  const app = new Hono()
  app.post('/functions/:name/revisions', async (c) => {
    const name = c.req.param('name')
    if (uploads === undefined) throw new PressroomError('not_found', 'this host takes no uploads')
    if (Number(c.req.header('content-length') ?? 0) > uploads.largestBytes) return c.json(failureBody('body_too_large', { function: name, detail: tooLarge(uploads.largestBytes) }), 413)
    try {
      const { revision, existed } = await uploads.accept(name, c.req.raw.body)
      return c.json({ revision }, existed ? 200 : 201)
    } catch (error) {
      const { code, message, log } = error as { code?: unknown; message: string; log?: string }
      if (typeof code !== 'string' || !(code in errors)) throw error
      return c.json(failureBody(code as ErrorCode, { function: name, detail: message, log }), errors[code as ErrorCode].status)
    }
  })
  return app
}

/** Words for a body beyond the limit. */
export function tooLarge(bytes: number): string {
  return `an upload has at most ${bytes / 1024 / 1024} MiB; leave out what the function does not import, and keep large files in a bucket`
}
