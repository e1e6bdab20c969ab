type Json = Record<string, unknown>

/** Any text. */
export const text = { type: 'string' }
const plain = { type: 'string', description: 'plain text' }
const time = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC, milliseconds' }
const published = { ...time, description: 'as its feed says; where that gives no date: when the story was first seen' }
const next = { type: ['string', 'null'], description: 'the cursor of the next page; null at the end' }
const texts = { type: 'array', items: text, maxItems: 200 }
const choices = { type: 'object', properties: { follow: texts, mute: texts }, additionalProperties: false }
const sourceName = { type: 'object', required: ['id', 'title'], properties: { id: text, title: text } }

function object(properties: Json, optional: string[] = []): Json {
  return { type: 'object', required: Object.keys(properties).filter((name) => !optional.includes(name)), properties }
}

function list(items: Json): Json {
  return { type: 'array', items }
}

/** A shape by its name. */
export function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

/** An answer of a shape. */
export function answer(description: string, schema: string): Json {
  return { description, content: { 'application/json': { schema: reference(schema) } } }
}

/** The body of a request. */
export function body(type: string, schema: Json): Json {
  return { required: true, content: { [type]: { schema } } }
}

/** What any request may be refused with. */
export const problems = {
  400: answer('A field is wrong; the message names it', 'Error'),
  401: answer('The token does not hold', 'Error'),
}
/** What a change may be refused with. */
export const changes = {
  ...problems,
  403: answer('Without a token: the change does not come from a page of this site, or of CORS_ORIGINS', 'Error'),
  413: answer('The body is larger than 1 MiB', 'Error'),
}
/** The parameters of a page. */
export const paging = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  { name: 'cursor', in: 'query', description: 'the `next` of the page before', schema: text },
]

/** The shapes by name. */
export const schemas = {
  Error: object({ error: object({ code: text, message: text }) }),
  Edition: object(
    {
      reader: text,
      generated_at: time,
      stories: list(reference('Story')),
      next,
      notice: { type: 'string', description: 'where there are no stories at all: why, in words' },
    },
    ['notice'],
  ),
  Story: object(
    {
      id: text,
      title: text,
      url: { type: 'string', format: 'uri' },
      source: sourceName,
      published_at: published,
      summary: plain,
      image: { type: 'string', format: 'uri' },
      score: { type: 'integer', description: 'the sum of the weights of its reasons' },
      reasons: list(
        object({
          signal: { type: 'string', enum: ['recency', 'popularity', 'clickthrough', 'coread', 'passed', 'text', 'words', 'topic', 'source', 'follow', 'diversity'] },
          weight: { type: 'integer' },
          label: { type: 'string', description: 'the reason in words' },
        }),
      ),
      articles: { type: 'integer', description: 'how many articles tell it' },
      exploration: object({ propensity: { type: 'number', description: 'the chance it had' } }),
    },
    ['image', 'exploration'],
  ),
  StoryArticles: object({
    id: text,
    title: text,
    published_at: published,
    articles: list(object({ id: text, title: text, url: text, source: sourceName, published_at: published, summary: plain, image: { type: 'string', format: 'uri' } }, ['image'])),
  }),
  Topics: object({ topics: list(object({ topic: text, stories: { type: 'integer' } })) }),
  Reader: object({
    topics: choices,
    sources: choices,
    learned: object({
      topics: list(object({ topic: text, feeling: { type: 'number' }, words: text })),
      sources: list(object({ id: text, title: text, feeling: { type: 'number' }, words: text })),
      opened: { type: 'integer' },
      hidden: { type: 'integer' },
    }),
  }),
  ReaderRecord: object({
    reader: text,
    preferences: { type: 'object' },
    events: list(object({ id: text, type: text, story: text, title: { type: ['string', 'null'] }, at: time, received_at: time })),
    openings: list(object({ story: text, at: time })),
    images: list(text),
    explorations: list(object({ story: text, at: time, propensity: { type: 'number' } })),
    shown: list(object({ story: text, times: { type: 'integer', minimum: 1 } })),
    sources: list(object({ url: text, title: text, topics: list(text), added_at: time })),
    feed: { anyOf: [object({ key: text, created_at: time }), { type: 'null' }], description: 'the secret link; null where there is none' },
  }),
  SearchResults: object({
    query: text,
    corrected: { type: 'string', description: 'where nothing was found: the query with its spelling put right, and found by' },
    results: list(object({
      id: text, story: text, title: text, url: text, source: sourceName, published_at: published, snippet: plain,
      snippet_html: { type: 'string', description: 'the same, with what was found in <mark>; nothing else of it is markup' },
    })),
    next,
  }, ['corrected']),
  Preferences: {
    type: 'object',
    properties: { topics: choices, sources: { ...choices, description: 'ids of sources' } },
    additionalProperties: false,
  },
  Events: object({
    events: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: object(
        {
          id: { type: 'string', maxLength: 100, description: 'made by the app; the same id counts once' },
          type: { type: 'string', enum: ['open', 'like', 'unlike', 'hide', 'unhide'] },
          story: { type: 'string', description: 'the id of a story' },
          at: time,
        },
        ['at'],
      ),
    },
  }),
  EventsTaken: object({ accepted: { type: 'integer' }, duplicates: { type: 'integer' } }),
  Sources: object({ sources: list(reference('Source')) }),
  Source: object({
    id: text,
    title: text,
    url: text,
    topics: list(text),
    own: { type: 'boolean', description: 'the reader added it' },
    articles: { type: 'integer' },
    last_check: { ...time, type: ['string', 'null'] },
    last_success: { ...time, type: ['string', 'null'] },
    next_check: { ...time, type: ['string', 'null'], description: 'null: at the next tick, or never where it is gone' },
    failures: { type: 'integer', description: 'checks that failed, in a row' },
    last_error: { type: ['string', 'null'], description: 'why the last check failed; null where it succeeded' },
    error_code: { type: ['string', 'null'], description: 'the name of that: timeout, http_404, …' },
  }),
  SourceAdded: object({ source: reference('Source'), other_feeds: list(object({ url: text, title: text })) }),
  SourcesImported: object({ added: { type: 'integer' }, known: { type: 'integer' } }),
}
