import { Socket } from 'node:net'
import { createEndRequest, type EndRequest } from './signals.ts'

/** Names the inherited pipe whose other end the launcher holds. */
const VARIABLE = 'PRESSROOM_LAUNCHER_FD'
/** A host that cannot end gracefully in this time ends all the same: nobody is left to stop it. */
const LAST_RESORT_MS = 5_000
/** How often a host that npm started looks whether npm is still there. */
const LOOK_MS = 250

/**
 * Ends the host when what started it is gone, however it went. The launcher's pipe closes with it. npm and npx start a command in a
 * shell that a signal ends without passing it on: then the host has another parent all at once. Started in any other way it does
 * nothing, so a host put into the background outlives its terminal.
 */
export function watchLauncher(env: Record<string, string | undefined>): EndRequest {
  const request = createEndRequest()
  const fd = env[VARIABLE]
  delete env[VARIABLE]
  if (fd === '3') {
    const pipe = new Socket({ fd: 3, readable: true, writable: false })
    const gone = () => {
      request.end('the launcher is gone')
      setTimeout(() => process.exit(1), LAST_RESORT_MS).unref()
    }
    pipe.on('end', gone).on('error', gone).resume().unref()
  } else if (env['npm_command'] !== undefined) {
    const parent = process.ppid
    const look = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(look)
      request.end('the npm that started it is gone')
    }, LOOK_MS).unref()
  }
  return request
}
