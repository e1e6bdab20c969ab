import { PressroomError } from '../contract/errors.ts'
import type { RunningCron } from '../ingress/cron.ts'
import type { Budgets } from '../metering/budget.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { CronTable } from '../routing/cron-table.ts'
import type { DeploymentOperator } from './deploy/views.ts'
import type { Operator } from './operator.ts'
import { toView, type Serving } from './serving.ts'
import { toBudgetView } from './spending.ts'

/** The parts of a host that its operator asks. */
export interface Operated {
  serving: ReadonlyMap<string, Serving>
  store: Store
  clock: Clock
  budgets: Budgets
  schedules(): CronTable
  /** undefined until the schedules run, and while the host leaves. */
  cron(): RunningCron | undefined
  ready(): boolean
  deployments: DeploymentOperator
  queues: Operator['queues']
}

/** Answers the operator's questions from a running host. */
export function createOperator({ serving, store, clock, budgets, schedules, cron, ready, deployments, queues }: Operated): Operator {
  return {
    deployments,
    queues,
    functions: () => [...serving.values()].flatMap((at) => toView(at, clock) ?? []).sort((a, b) => a.name.localeCompare(b.name)),
    schedules: () =>
      Promise.all(
        schedules().entries.map(async (entry) => {
          const last = await store.ticks.last(entry.function, entry.cron)
          return {
            function: entry.function,
            cron: entry.cron,
            time_zone: entry.timeZone,
            dialect: entry.dialect,
            next: entry.next(new Date(clock.now()), 10).map((time) => time.toISOString()),
            last: last && { time: new Date(last.time).toISOString(), outcome: last.outcome, invocation: last.invocation },
          }
        }),
      ),
    fire(name, expression, scheduledTime) {
      const running = cron()
      if (!running) throw new PressroomError('overloaded', 'the host is starting or shutting down')
      return running.fire(name, expression, scheduledTime)
    },
    records: (query) => store.ledger.records(query),
    usage: (query) => store.ledger.usage(query),
    budgets: () => budgets.states([...serving.keys()]).map(toBudgetView),
    ready: () => ready() && store.ledger.failing() === undefined,
  }
}
