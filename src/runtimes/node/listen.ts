import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PressroomError } from '../../contract/errors.ts'

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
 * Stops a server so that keep-alive clients lose nothing: it goes on answering what is under way (each answer says
 * `connection: close`), then closes what is idle; what is left after `deadlineMs` is cut.
 */
export async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs)
  await closed
  clearTimeout(timer)
}
