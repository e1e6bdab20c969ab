import { isObject, refuseUnknown, type JsonObject } from './body.ts'
import { badRequest } from './problems.ts'
import { topicsNamed } from './topics/names.ts'

/** What a reader asked for. Topics by the names that their synonyms share, sources by id. */
export interface Preferences {
  topics: { follow: string[]; mute: string[] }
  sources: { follow: string[]; mute: string[] }
}

/** One thing a reader did to a story, with what is known of the story. */
export interface ReaderEvent {
  type: string
  story: string
  at: number
  received_at: number
  source: string
  topics: string
  title: string
}

/** How a reader feels about topics and sources, which stories are liked, and which to leave out. */
export interface Profile {
  preferences: Preferences
  topics: Map<string, number>
  /** The topics are those of all readers: nothing is known of this one. */
  ofAll?: true
  sources: Map<string, number>
  opened: Set<string>
  hidden: Set<string>
  liked: Set<string>
  /** Titles of what was opened or liked (above 0) and hidden (below), each as strong as it is felt. */
  titles: { story: string; title: string; weight: number }[]
}

const halfLifeMs = 14 * 24 * 3600 * 1000
const worth = { open: 1, like: 3, hide: -2 }

/** Nothing followed, nothing muted. */
export function noPreferences(): Preferences {
  return { topics: { follow: [], mute: [] }, sources: { follow: [], mute: [] } }
}

/** Preferences as they are stored; none where `stored` is undefined. */
export function readPreferences(stored: string | undefined): Preferences {
  if (stored === undefined) return noPreferences()
  const { topics, sources } = JSON.parse(stored) as Preferences
  const named = (list: readonly string[]) => [...new Set(list.flatMap(topicsNamed))]
  // What was asked for by another name before the table had it means the same.
  return { topics: { follow: named(topics.follow), mute: named(topics.mute) }, sources }
}

/** What a reader did to a story and did not take back: when, in milliseconds since 1970. */
export interface Deeds {
  title: string
  source: string
  topics: readonly string[]
  opened?: number
  liked?: number
  hidden?: number
}

/** Of two deeds of one moment the one that takes back counts: the order in which they came tells nothing. */
function inOrder(a: ReaderEvent, b: ReaderEvent): number {
  return a.at - b.at || Number(a.type.startsWith('un')) - Number(b.type.startsWith('un'))
}

const MOST_LISTS = 10_000
const lists = new Map<string, readonly string[]>()

/** A list of topics as it is stored: many stories share one, and reading takes longer than finding it. */
function listOf(text: string): readonly string[] {
  const known = lists.get(text)
  if (known !== undefined) return known
  if (lists.size >= MOST_LISTS) lists.clear()
  const list = JSON.parse(text) as string[]
  lists.set(text, list)
  return list
}

/** What stands of what a reader did, story by story. */
export function deedsOf(events: readonly ReaderEvent[]): Map<string, Deeds> {
  const stories = new Map<string, Deeds>()
  for (const event of events.toSorted(inOrder)) {
    const story = stories.get(event.story) ?? { title: event.title, source: event.source, topics: listOf(event.topics) }
    stories.set(event.story, story)
    if (event.type === 'open') story.opened = event.at
    else if (event.type === 'like') story.liked = event.at
    else if (event.type === 'unlike') delete story.liked
    else if (event.type === 'hide') story.hidden = event.at
    else if (event.type === 'unhide') delete story.hidden
  }
  return stories
}

/**
 * Makes a profile of what a reader asked for and did, as of `at`. An open counts 1, a like 3, a hidden story −2, each half after 14 days.
 * Later events change nothing but what is hidden and liked.
 */
export function profileOf(preferences: Preferences, events: ReaderEvent[], at: number): Profile {
  const profile: Profile = { preferences, topics: new Map(), sources: new Map(), opened: new Set(), hidden: new Set(), liked: new Set(), titles: [] }
  const add = (map: Map<string, number>, name: string, value: number): unknown => map.set(name, (map.get(name) ?? 0) + value)
  const until = events.filter((event) => event.received_at <= at)
  const felt = deedsOf(until)
  for (const [id, story] of felt) {
    const fade = (since: number | undefined, value: number): number =>
      since === undefined ? 0 : value * 2 ** (-Math.max(0, at - since) / halfLifeMs)
    const value = fade(story.opened, worth.open) + fade(story.liked, worth.like) + fade(story.hidden, worth.hide)
    if (story.opened !== undefined) profile.opened.add(id)
    if (value !== 0) profile.titles.push({ story: id, title: story.title, weight: value })
    add(profile.sources, story.source, value)
    for (const topic of story.topics) add(profile.topics, topic, value)
  }
  for (const [id, story] of until.length === events.length ? felt : deedsOf(events)) {
    if (story.hidden !== undefined) profile.hidden.add(id)
    if (story.liked !== undefined) profile.liked.add(id)
  }
  return profile
}

function checkedList(value: unknown, field: string, normal: (text: string) => string[]): string[] {
  if (!Array.isArray(value)) throw badRequest(`${field}: expected a list of texts`)
  if (value.length > 200) throw badRequest(`${field}: expected at most 200 entries, found ${value.length}`)
  const list = value.flatMap((entry: unknown, index) => {
    const names = typeof entry === 'string' && entry.length <= 200 ? normal(entry) : []
    if (names.length === 0) throw badRequest(`${field}[${index}]: expected a text of 1–200 characters`)
    return names
  })
  return [...new Set(list)]
}

/**
 * Preferences with what `body` gives; a list that it leaves out stays as it was.
 * @throws Problem 400 that names the field.
 */
export function replacePreferences(current: Preferences, body: JsonObject): Preferences {
  refuseUnknown(body, ['topics', 'sources'])
  const section = (name: 'topics' | 'sources', normal: (text: string) => string[]): Preferences['topics'] => {
    const given = body[name]
    if (given === undefined) return current[name]
    if (!isObject(given)) throw badRequest(`${name}: expected an object with "follow" and "mute"`)
    refuseUnknown(given, ['follow', 'mute'], `${name}.`)
    const list = (field: 'follow' | 'mute'): string[] =>
      given[field] === undefined ? current[name][field] : checkedList(given[field], `${name}.${field}`, normal)
    return { follow: list('follow'), mute: list('mute') }
  }
  return { topics: section('topics', topicsNamed), sources: section('sources', (text) => [text.trim()].filter((id) => id !== '')) }
}
