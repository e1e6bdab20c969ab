import { createRequire } from 'node:module'
import { realResponse } from '../response.ts'

/** The part of `html-rewriter-wasm` that is used: lol-html, the parser of Workers, as WebAssembly. */
interface Engine {
  on(selector: string, handlers: object): void
  onDocument(handlers: object): void
  write(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  free(): void
}
type EngineClass = new (sink: (chunk: Uint8Array) => void) => Engine

/** What it is in the Workers runtime. */
export interface Rewriter {
  on(selector: string, handlers: object): Rewriter
  onDocument(handlers: object): Rewriter
  transform(response: Response): Response
}

/** Engines kept for the next documents. */
const MOST_IDLE = 4

/** Makes the class `HTMLRewriter`. */
export function createRewriter(): new () => Rewriter {
  /**
   * An engine has one stack for whatever runs in it. While a handler waits, that stack is not to be touched, so a document has
   * an engine of its own: a handler may rewrite another document, and no document waits for another's handlers.
   */
  const idle: EngineClass[] = []
  const giveBack = (engine: EngineClass) => {
    if (idle.length < MOST_IDLE) idle.push(engine)
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
      const Class = idle.pop() ?? loadEngine()
      let engine: Engine | undefined
      const rewritten = answer.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) => {
          engine = new Class((chunk) => {
            // The last one is empty.
            if (chunk.length > 0) controller.enqueue(chunk.slice())
          })
          for (const add of this.#handlers) add(engine)
        },
        transform: (chunk) => engine!.write(chunk),
        // One that failed, or was left half way, is not used again.
        async flush() {
          await engine!.end()
          engine!.free()
          giveBack(Class)
        },
      }))
      return new Response(rewritten, init)
    }
  }
}

const require = createRequire(import.meta.url)

/** Loads the package anew: each copy is an engine. */
function loadEngine(): EngineClass {
  for (const file of Object.keys(require.cache)) if (/[/\\]html-rewriter-wasm[/\\]/.test(file)) delete require.cache[file]
  return (require('html-rewriter-wasm') as { HTMLRewriter: EngineClass }).HTMLRewriter
}
