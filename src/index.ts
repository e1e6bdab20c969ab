export type { CronDialect, ExecutionContext, FunctionConfig, FunctionHandlers, Schedule, ScheduledController } from './contract/function.ts'
export type { FlatHeaders, Invocation, InvocationEvent, Outcome, RequestEvent, ScheduledEvent, Trigger } from './contract/invocation.ts'
export { errors, PressroomError, type ErrorBody, type ErrorCode } from './contract/errors.ts'
