import type { HandlerName } from '../contract/function.ts'
import type { ResolvedConfig } from '../contract/function-config.ts'
import type { FunctionCode } from '../ports/instance.ts'

/** A function that the host serves: one revision with its checked config. */
export interface DeployedFunction {
  name: string
  /** The file its author wrote, for messages. */
  file: string
  revision: string
  handlers: readonly HandlerName[]
  config: ResolvedConfig
  code: FunctionCode
}
