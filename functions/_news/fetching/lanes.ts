import type { DueSource } from '../env.ts'
import type { Due } from '../sources.ts'

/** Requests at once to one server. */
const perHost = 2
/** As much as one call of a queue takes: messages, and characters of all of them (ids are ASCII). */
const mostMessages = 100
const mostLength = 200_000

/** Lays out what is due as messages: of one server two at most, each with the sources that follow it one by one. */
export function lanesOf(due: readonly Due[], since: number): DueSource[] {
  const alone = due.filter(({ host }) => host === '').map(({ id }) => [id])
  const shared = [...Map.groupBy(due.filter(({ host }) => host !== ''), ({ host }) => host).values()]
  const lanes = shared.flatMap((sources) =>
    Array.from({ length: Math.min(perHost, sources.length) }, (_, lane) => sources.filter((_source, index) => index % perHost === lane).map(({ id }) => id)))
  return [...alone, ...lanes].flatMap(([source, ...next]) => (source === undefined ? [] : [{ source, since, ...(next.length > 0 ? { next } : {}) }]))
}

/** Divides messages into what a queue takes at once. */
export function parcelsOf(messages: readonly DueSource[]): DueSource[][] {
  const parcels: DueSource[][] = []
  let room = 0
  for (const message of messages) {
    const length = JSON.stringify(message).length
    const last = parcels.at(-1)
    if (last === undefined || last.length === mostMessages || length > room) {
      parcels.push([message])
      room = mostLength - length
    } else {
      last.push(message)
      room -= length
    }
  }
  return parcels
}
