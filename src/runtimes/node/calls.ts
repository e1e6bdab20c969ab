import type { FunctionCode } from '../../ports/instance.ts'
import type { BindingSpec } from './bindings/spec.ts'
import type { CallHead } from './wire/messages.ts'

/** The answer to a call of a binding: a value for JSON, bytes, or both. */
export interface CallResult {
  value?: unknown
  body?: Uint8Array
}

/** Answers the calls of one kind of binding. Rejections reach the function with name and message. */
export type Answerer<Spec extends BindingSpec> = (spec: Spec, call: CallHead, body: Buffer, code: FunctionCode) => Promise<CallResult>

/** Who answers for which kind of binding. */
export type Answerers = { [Type in BindingSpec['type']]?: Answerer<Extract<BindingSpec, { type: Type }>> }

/** Answers what bindings ask of the host. A function reaches only what its own `env` holds. */
export function createHostCalls(answerers: Answerers): (code: FunctionCode, call: CallHead, body: Buffer) => Promise<CallResult> {
  return async (code, call, body) => {
    const spec = Object.hasOwn(code.bindings, call.b) ? (code.bindings[call.b] as BindingSpec) : undefined
    const answer = spec && (answerers[spec.type] as Answerer<BindingSpec> | undefined)
    if (!answer) throw new TypeError(`env.${call.b}: there is no such binding of the host`)
    return answer(spec, call, body, code)
  }
}
