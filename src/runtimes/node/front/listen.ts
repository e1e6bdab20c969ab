import type { Server } from 'node:http'
import { Server as NetServer, type AddressInfo } from 'node:net'
import { PressroomError } from '../../../contract/errors.ts'
import { closeIdle } from './connections.ts'

/**
 * Starts listening; answers the URL under which the server is reached from this machine.
 * @throws PressroomError `bad_option` when the port is taken or not permitted
 */
export function listen(server: Server, port: number, host: string, flag: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `port ${port} is in use; choose another with ${flag}` : `cannot listen on ${host}:${port} (${error.message}); choose another with ${flag} or --host`
      reject(new PressroomError('bad_option', why))
    })
    server.listen(port, host, () => {
      const { port: actual, family, address } = server.address() as AddressInfo
      const any = address === '::' || address === '0.0.0.0'
      resolve(`http://${any ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${actual}`)
    })
  })
}

/**
 * Takes no new connections, and goes on serving the open ones until all are gone or `lingerMs` has passed. Node's own
 * `close` of an HTTP server would cut idle keep-alive connections at once, on which a client may just be sending.
 */
export async function stopListening(server: Server, lingerMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const closed = new Promise<void>((resolve) => void NetServer.prototype.close.call(server, () => resolve()))
  await Promise.race([closed, new Promise<void>((resolve) => (timer = setTimeout(resolve, lingerMs)))])
  clearTimeout(timer)
}

/** Closes idle connections, lets the others end, and cuts what is left after `deadlineMs`. */
export async function endConnections(server: Server, deadlineMs: number): Promise<void> {
  const left = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  const deadline = performance.now() + deadlineMs
  for (;;) {
    closeIdle(server)
    if ((await left()) === 0) return
    if (performance.now() >= deadline) return server.closeAllConnections()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
