import type { Generated } from 'kysely'

/** A named value of the whole installation. */
export interface SettingTable {
  name: string
  value: string
}

/** A feed; see the migration for the meaning of its columns. */
export interface SourceTable {
  id: string
  url: string
  address: string | null
  title: string
  topics: Generated<string>
  sample: Generated<number>
  active: Generated<number>
  position: Generated<number>
  fetched_at: Generated<number>
  not_before: Generated<number>
  lease: string | null
  leased_until: Generated<number>
  failures: Generated<number>
  last_success: number | null
  last_error: string | null
  document: string | null
  host: Generated<string>
  error_code: string | null
  gone: Generated<number>
  hints: Generated<string>
  private: Generated<number>
  validators: Generated<string>
  reading: Generated<number>
}

/** An item of a feed. */
export interface ArticleTable {
  seq: Generated<number>
  id: string
  source: string
  guid: string
  url: string
  title: string
  summary: string
  image: string | null
  topics: string
  published_at: number
  undated: Generated<number>
  first_seen: number
  story: Generated<string>
  page: Generated<string>
}

/** What several articles tell of one event; its id is that of its first article. */
export interface StoryTable {
  id: string
  title: string
  published_at: number
  first_seen: number
  updated_at: number
  articles: Generated<number>
}

/** What a reader follows and mutes, as JSON. */
export interface ReaderTable {
  id: string
  preferences: string
}

/** One thing a reader did. */
export interface EventTable {
  seq: Generated<number>
  reader: string
  id: string
  type: string
  story: string
  at: number
  received_at: number
  source: string
  topics: string
  title: string
}

/** A reader's first opening of a story. */
export interface OpeningTable {
  story: string
  reader: string
  at: number
}

/** The secret of a link under which a reader's edition can be had. */
export interface FeedLinkTable {
  secret: string
  reader: string
  created_at: number
}

/** A source that a reader added. */
export interface SubscriptionTable {
  reader: string
  source: string
  topics: Generated<string>
  added_at: number
}

/** An address whose feed is looked for. */
export interface DiscoveryTable {
  address: string
  until: number
  outcome: string | null
  host: string | null
}

/** A word of an article, by which articles on the same event are found. */
export interface ArticleTermTable {
  term: string
  at: number
  article: string
  weight: number
}

/** What all readers did to a story: fading figures as of `at`, and their sums. */
export interface CounterTable {
  story: string
  at: number
  opened_at: number
  clicks_1h: number
  clicks_4h: number
  clicks_24h: number
  views_1h: number
  views_4h: number
  views_24h: number
  clicks: number
  views: number
}

/** What was shown to a reader: in the last visit, and how often before it; as JSON. */
export interface VisitTable {
  reader: string
  at: number
  last: string
  times: string
}

/** A story that was shown to be tried, and the chance it had. */
export interface ExplorationTable {
  reader: string
  story: string
  at: number
  propensity: number
}

/** The tables of the news database. */
export interface NewsTables {
  setting: SettingTable
  source: SourceTable
  article: ArticleTable
  story: StoryTable
  reader: ReaderTable
  event: EventTable
  opening: OpeningTable
  article_term: ArticleTermTable
  feed_link: FeedLinkTable
  counter: CounterTable
  exploration: ExplorationTable
  visit: VisitTable
  subscription: SubscriptionTable
  discovery: DiscoveryTable
}
