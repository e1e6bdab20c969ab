import type { FunctionConfig, Schedule } from '../contract/function.ts'
import type { Outcome } from '../contract/invocation.ts'

/** One instance as the operator sees it. */
export interface InstanceView {
  id: string
  pid: number | null
  state: 'starting' | 'ready' | 'busy' | 'blocked' | 'draining'
  in_flight: number
  memory_mb: number
  age_s: number
}

/** One function as the operator sees it. */
export interface FunctionView {
  name: string
  revision: string
  /** `failed` = does not load; `idle` = no instance now. */
  state: 'idle' | 'active' | 'failed'
  config: Required<Omit<FunctionConfig, 'cpu' | 'env' | 'budget'>> & Pick<FunctionConfig, 'cpu' | 'env' | 'budget'>
  routes: string[]
  instances: InstanceView[]
  totals: { invocations: number; errors: number; throttled: number; billed_ms: number }
}

/** One schedule of one function with its next ten ticks. */
export interface ScheduleView {
  function: string
  cron: string
  time_zone: string
  dialect: NonNullable<Schedule['dialect']>
  /** ISO 8601 UTC with milliseconds. */
  next: string[]
  last: { time: string; outcome: Outcome; invocation: string | null } | null
}

/** What the operator's API asks of a running host. */
export interface Operator {
  functions(): FunctionView[]
  schedules(): Promise<ScheduleView[]>
  /**
   * Runs one tick now, whatever the table says, and answers when it is settled.
   * @throws PressroomError `not_found` when the function has no such schedule.
   */
  fire(name: string, cron: string, scheduledTime?: number): Promise<{ invocation: string; outcome: Outcome }>
  /** True from the end of start until draining begins. */
  ready(): boolean
}
