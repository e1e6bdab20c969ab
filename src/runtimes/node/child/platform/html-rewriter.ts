import { realResponse } from '../response.ts'

/** The part of `html-rewriter-wasm` that is used: lol-html, the parser of Workers, as WebAssembly. */
interface Engine {
  on(selector: string, handlers: object): void
  onDocument(handlers: object): void
  write(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  free(): void
}

/** What it is in the Workers runtime. */
export interface Rewriter {
  on(selector: string, handlers: object): Rewriter
  onDocument(handlers: object): Rewriter
  transform(response: Response): Response
}

/** Makes the class `HTMLRewriter`. */
export function createRewriter(EngineClass: new (sink: (chunk: Uint8Array) => void) => Engine): new () => Rewriter {
  /** The engine's memory is one for all: while a handler waits, nobody else may enter it. */
  let turn: Promise<unknown> = Promise.resolve()
  const alone = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  return class HTMLRewriter implements Rewriter {
    readonly #handlers: ((engine: Engine) => void)[] = []

    on(selector: string, handlers: object): this {
      this.#handlers.push((engine) => engine.on(selector, handlers))
      return this
    }

    onDocument(handlers: object): this {
      this.#handlers.push((engine) => engine.onDocument(handlers))
      return this
    }

    /** Answers at once; the body is rewritten as it is read. A handler that throws breaks it off. */
    transform(response: Response): Response {
      const answer = realResponse(response) as Response
      const headers = new Headers(answer.headers)
      headers.delete('content-length')
      const init = { status: answer.status, statusText: answer.statusText, headers }
      if (answer.body === null) return new Response(null, init)
      let engine: Engine | undefined
      const rewritten = answer.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) => {
          engine = new EngineClass((chunk) => {
            // The last one is empty.
            if (chunk.length > 0) controller.enqueue(chunk.slice())
          })
          for (const add of this.#handlers) add(engine)
        },
        transform: (chunk) => alone(() => engine!.write(chunk)),
        flush: () => alone(async () => {
          await engine!.end()
          engine!.free()
        }),
      }))
      return new Response(rewritten, init)
    }
  }
}
