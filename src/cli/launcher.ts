import { Socket } from 'node:net'
import { createEndRequest, type EndRequest } from './signals.ts'

/** Names the inherited pipe whose other end the launcher holds. */
const VARIABLE = 'PRESSROOM_LAUNCHER_FD'
/** A host that cannot end gracefully in this time ends all the same: nobody is left to stop it. */
const LAST_RESORT_MS = 5_000

/**
 * Ends the host when the launcher that started it is gone, however it went: the pipe between them closes with it. Started without a
 * launcher it does nothing.
 */
export function watchLauncher(env: Record<string, string | undefined>): EndRequest {
  const request = createEndRequest()
  const fd = env[VARIABLE]
  delete env[VARIABLE]
  if (fd !== '3') return request
  const pipe = new Socket({ fd: 3, readable: true, writable: false })
  const gone = () => {
    request.end('the launcher is gone')
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref()
  }
  pipe.on('end', gone).on('error', gone).resume().unref()
  return request
}
