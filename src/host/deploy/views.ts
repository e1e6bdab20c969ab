import type { AliasState, StoredRevision, Triggers } from '../../ports/deployments.ts'
import type { GateProgress } from './gate.ts'

/** An alias as the operator sees it. */
export interface AliasView extends AliasState {
  /** How far its gate is; null without one. */
  gate_progress: GateProgress | null
}

/** What is deployed beside the folder of functions, and what it is called by. */
export interface DeploymentOperator {
  /** Newest first, each with the aliases that name it. */
  revisions(name: string): (StoredRevision & { aliases: string[] })[]
  aliases(name: string): Record<string, AliasView>
  /**
   * Points an alias at one or two revisions: at once for every new call, durable when it resolves.
   * @throws PressroomError `not_found`, `bad_request`, or `conflict` when their triggers do not fit the other functions'
   */
  setAlias(name: string, alias: string, wish: unknown): Promise<AliasView>
  removeAlias(name: string, alias: string): Promise<void>
  /** Points an alias at what it pointed at before. @throws PressroomError `conflict` when there is nothing to go back to */
  rollback(name: string, alias: string): Promise<AliasView>
  /** What wakes a function, and who says so: its config, or triggers that were set. */
  triggers(name: string): { triggers: Triggers; from: 'config' | 'triggers' }
  /** null: what its config says again. */
  setTriggers(name: string, triggers: unknown): Promise<{ triggers: Triggers; from: 'config' | 'triggers' }>
  /** @throws PressroomError `conflict` when an alias names it */
  removeRevision(name: string, revision: string): Promise<void>
  /** Removes an uploaded function with all that belongs to it; calls in flight end. */
  removeFunction(name: string): Promise<void>
}
