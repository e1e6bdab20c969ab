import { Agent, request } from 'node:http'

/** How one call over a kept-alive connection went. */
export interface Answered {
  status: number
  text: string
  retryAfter: string | undefined
  /** Id of the invocation. */
  invocation: string | undefined
}

/** What a round of calls came to. */
export interface Tally {
  served: number
  /** Calls that were sent and got something else than 200 with their own words, or nothing. */
  failed: string[]
}

/** One POST over the agent's connections, never sent twice. */
export function post(agent: Agent, url: string, body: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-length': Buffer.byteLength(body) } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.once('error', reject)
      answer.once('end', () => resolve({ status: answer.statusCode!, text, retryAfter: answer.headers['retry-after'], invocation: answer.headers['pressroom-invocation']?.toString() }))
    })
    sent.once('error', (error: NodeJS.ErrnoException) => reject(Object.assign(error, { reused: sent.reusedSocket })))
    sent.end(body)
  })
}

/**
 * Echoes different words over and over on as many kept-alive connections, until the host refuses new ones: then a client
 * would go to another host. Nothing else may go wrong.
 */
export async function echoUntilRefused(url: string, connections: number): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const tally: Tally = { served: 0, failed: [] }
  const work = async (name: number) => {
    for (let i = 0; ; i++) {
      const words = `${name}/${i}`
      try {
        const { status, text } = await post(agent, `${url}/echo`, words)
        if (status === 200 && text === words) tally.served++
        else tally.failed.push(`${words}: ${status} ${text}`)
      } catch (error) {
        const { code, reused, message } = error as NodeJS.ErrnoException & { reused: boolean }
        // Refused before a byte was sent: the host took nothing on.
        if (code !== 'ECONNREFUSED') tally.failed.push(`${words}: ${message} on ${reused ? 'a used' : 'a fresh'} connection`)
        return
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, name) => work(name)))
  agent.destroy()
  return tally
}
