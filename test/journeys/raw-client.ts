import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** A deadline that means "hangs": nothing is expected to come near it. */
const HANGS_MS = 20_000

/** What came back over a bare connection until the other side closed it. */
export interface RawAnswer {
  /** Word for word, one character per byte. */
  text: string
  /** The statuses, in order: one per answer. */
  statuses: number[]
  /** False when it hung and was cut from here. */
  closed: boolean
}

/** Opens a bare connection to a host. */
export async function openRaw(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  // A connection that is broken off is an outcome here, not an error.
  socket.on('error', () => {})
  return socket
}

/** Collects what comes until the connection is closed. */
export async function readRaw(socket: Socket): Promise<RawAnswer> {
  let text = ''
  let closed = true
  socket.on('data', (part) => (text += part.toString('latin1')))
  socket.setTimeout(HANGS_MS, () => {
    closed = false
    socket.destroy()
  })
  if (!socket.closed) await once(socket, 'close')
  return { text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)), closed }
}

/** Sends these words, byte for byte, in one write. */
export async function sendRaw(url: string, words: string): Promise<RawAnswer> {
  const socket = await openRaw(url)
  socket.write(Buffer.from(words, 'latin1'))
  return readRaw(socket)
}
