import type { AliasState, Deployments, KeptFunction, StoredRevision, Triggers } from '../../ports/deployments.ts'

const HISTORY = 100

interface Kept {
  revisions: StoredRevision[]
  aliases: Map<string, AliasState[]>
  triggers: Triggers | null
}

/** Remembers what was deployed as long as its process lives. */
export function memoryDeployments(): Deployments {
  const functions = new Map<string, Kept>()
  const at = (name: string): Kept => {
    const kept = functions.get(name) ?? { revisions: [], aliases: new Map<string, AliasState[]>(), triggers: null }
    functions.set(name, kept)
    return kept
  }
  return {
    async read() {
      const all = [...functions].map(([name, { revisions, aliases, triggers }]): KeptFunction => ({
        name, revisions: [...revisions], triggers, aliases: new Map([...aliases].map(([alias, [latest]]) => [alias, latest!])),
      }))
      return structuredClone(all.filter((one) => one.revisions.length > 0 || one.aliases.size > 0 || one.triggers !== null).sort((a, b) => (a.name < b.name ? -1 : 1)))
    },
    async addRevision(revision) {
      const { revisions } = at(revision.function)
      if (!revisions.some((one) => one.revision === revision.revision)) revisions.push(structuredClone(revision))
    },
    async removeRevision(name, revision) {
      const kept = at(name)
      kept.revisions = kept.revisions.filter((one) => one.revision !== revision)
    },
    async setAlias(name, alias, state) {
      const { aliases } = at(name)
      aliases.set(alias, [structuredClone(state), ...(aliases.get(alias) ?? [])].slice(0, HISTORY))
    },
    async removeAlias(name, alias) {
      at(name).aliases.delete(alias)
    },
    async setTriggers(name, triggers) {
      at(name).triggers = structuredClone(triggers)
    },
    history: async (name, alias) => structuredClone(functions.get(name)?.aliases.get(alias) ?? []),
  }
}
