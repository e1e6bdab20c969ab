/** A message of an event stream. */
export interface StreamMessage {
  event: string
  id: string
  data: unknown
}

/** A stream that is read in the background. */
export interface EventStream {
  status: number
  messages: StreamMessage[]
  /** Resolves when the other side has ended it. */
  ended: Promise<void>
  leave(): void
}

/** Opens an event stream and reads it until it is left. */
export async function watch(url: string, lastEventId?: string): Promise<EventStream> {
  const leaving = new AbortController()
  const answer = await fetch(url, { signal: leaving.signal, headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } })
  const messages: StreamMessage[] = []
  const read = async () => {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        const parts = text.split('\n\n')
        text = parts.pop()!
        for (const part of parts) {
          const fields = new Map(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
          if (fields.has('data')) messages.push({ event: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data: JSON.parse(fields.get('data')!) })
        }
      }
    } catch (error) {
      if (!leaving.signal.aborted) throw error
    }
  }
  return { status: answer.status, messages, ended: read(), leave: () => leaving.abort() }
}
