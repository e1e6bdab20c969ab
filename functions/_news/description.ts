import { imagePaths } from '../_images/description.ts'

type Json = Record<string, unknown>

const text = { type: 'string' }
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

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

function answer(description: string, schema: string): Json {
  return { description, content: { 'application/json': { schema: reference(schema) } } }
}

function body(type: string, schema: Json): Json {
  return { required: true, content: { [type]: { schema } } }
}

const problems = {
  400: answer('A field is wrong; the message names it', 'Error'),
  401: answer('The token does not hold', 'Error'),
}
const changes = {
  ...problems,
  403: answer('Without a token: the change does not come from a page of this site, or of CORS_ORIGINS', 'Error'),
  413: answer('The body is larger than 1 MiB', 'Error'),
}
const paging = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  { name: 'cursor', in: 'query', description: 'the `next` of the page before', schema: text },
]

const schemas = {
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
          signal: { type: 'string', enum: ['recency', 'popularity', 'clickthrough', 'coread', 'text', 'words', 'topic', 'source', 'follow', 'diversity'] },
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
    explorations: list(object({ story: text, at: time, propensity: { type: 'number' } })),
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
  Sources: object({
    sources: list(
      object({
        id: text,
        title: text,
        url: text,
        topics: list(text),
        articles: { type: 'integer' },
        last_check: { ...time, type: ['string', 'null'] },
        last_success: { ...time, type: ['string', 'null'] },
        next_check: { ...time, type: ['string', 'null'], description: 'null: at the next tick, or never where it is gone' },
        failures: { type: 'integer', description: 'checks that failed, in a row' },
        last_error: { type: ['string', 'null'], description: 'why the last check failed; null where it succeeded' },
        error_code: { type: ['string', 'null'], description: 'the name of that: timeout, http_404, …' },
      }),
    ),
  }),
}

/** The HTTP interface of the news functions, in OpenAPI 3.1. */
export const description = {
  openapi: '3.1.0',
  info: {
    title: 'Pressroom news',
    version: '0.1.0',
    description: 'A personal front page that explains itself.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  security: [{ token: [] }, { cookie: [] }, {}],
  paths: {
    '/edition': {
      get: {
        summary: "The reader's front page, best first. The first visit sets a cookie.",
        operationId: 'readEdition',
        parameters: paging,
        responses: { 200: answer('A page of the edition', 'Edition'), ...problems },
      },
    },
    '/search': {
      get: {
        summary: 'Articles that hold every word of the query, by their stems; the last word also as a beginning, words in double quotes as a phrase, -word, OR, source:, topic:, before: and after: a day.',
        operationId: 'search',
        security: [{}],
        parameters: [{ name: 'q', in: 'query', required: true, schema: { type: 'string', minLength: 1, maxLength: 500 } }, ...paging],
        responses: { 200: answer('A page of results, best first', 'SearchResults'), 400: problems[400] },
      },
    },
    '/reader': {
      get: {
        summary: 'What the reader follows and mutes, and what was learned from what the reader did, in words and numbers.',
        operationId: 'readReader',
        responses: { 200: answer('The profile', 'Reader'), 401: problems[401] },
      },
      delete: {
        summary: 'Erases everything that is kept of the reader, at once.',
        operationId: 'eraseReader',
        responses: { 204: { description: 'Nothing is left' }, 401: problems[401], 403: changes[403] },
      },
      put: {
        summary: 'Replaces what the reader follows and mutes; a list that is left out stays.',
        operationId: 'changeReader',
        requestBody: body('application/json', reference('Preferences')),
        responses: { 200: answer('The preferences as they are now', 'Preferences'), ...changes },
      },
    },
    '/reader/export': {
      get: { summary: 'Everything that is kept of the reader.', operationId: 'exportReader', responses: { 200: answer('All of it', 'ReaderRecord'), 401: problems[401] } },
    },
    ...Object.fromEntries(['json', 'atom', 'rss'].flatMap((format) => [
      [`/edition.${format}`, {
        get: {
          summary: `The edition of the reader whose secret link this is, for any feed reader (${format}).`,
          operationId: `editionAs${format}`,
          security: [{}],
          parameters: [{ name: 'key', in: 'query', required: true, schema: text }],
          responses: { 200: { description: 'A feed' }, 401: answer('The link was taken back', 'Error') },
        },
      }],
      [`/search.${format}`, {
        get: {
          summary: `What is found, newest best first, for any feed reader (${format}).`,
          operationId: `searchAs${format}`,
          security: [{}],
          parameters: [{ name: 'q', in: 'query', required: true, schema: { type: 'string', minLength: 1, maxLength: 500 } }],
          responses: { 200: { description: 'A feed' }, 400: problems[400] },
        },
      }],
    ])),
    '/reader/feed': {
      post: { summary: 'Makes the secret link under which feed readers show the edition; an earlier one is taken back.', operationId: 'makeFeedLink', responses: { 201: { description: 'The link in each format' }, ...changes } },
      delete: { summary: 'Takes the secret link back.', operationId: 'dropFeedLink', responses: { 204: { description: 'It is no link any more' }, 401: problems[401] } },
    },
    '/stories/{id}': {
      get: {
        summary: 'A story with every article that tells it.',
        operationId: 'readStory',
        security: [{}],
        parameters: [{ name: 'id', in: 'path', required: true, description: 'of the story, or of an article of it', schema: text }],
        responses: { 200: answer('The story', 'StoryArticles'), 404: answer('There is none', 'Error') },
      },
    },
    '/topics': {
      get: { summary: 'The topics of the last week, those with most stories first.', operationId: 'listTopics', security: [{}], responses: { 200: answer('The topics', 'Topics') } },
    },
    '/reader/events': {
      post: {
        summary: 'Tells what the reader did.',
        operationId: 'sendEvents',
        requestBody: body('application/json', reference('Events')),
        responses: { 202: answer('How many were new', 'EventsTaken'), ...changes },
      },
    },
    '/sources': {
      get: {
        summary: 'The sources and how their last fetch went.',
        operationId: 'listSources',
        security: [{}],
        responses: { 200: answer('The sources', 'Sources') },
      },
      put: {
        summary: 'Replaces the sources by those of an OPML file; they are fetched at the next tick.',
        operationId: 'replaceSources',
        security: [{ token: [] }, { cookie: [] }],
        requestBody: body('text/x-opml', text),
        responses: {
          200: answer('The sources as they are now', 'Sources'),
          ...changes,
          403: answer('The reader is not named in SOURCES_EDITORS, or, without a token, the change is not from a page of this site', 'Error'),
        },
      },
    },
    '/sources.opml': {
      get: { summary: 'The sources as an OPML file, for any feed reader.', operationId: 'exportSources', security: [{}], responses: { 200: { description: 'OPML', content: { 'text/x-opml': { schema: text } } } } },
    },
    ...imagePaths,
    '/openapi.json': {
      get: { summary: 'This description.', operationId: 'describe', security: [{}], responses: { 200: { description: 'OpenAPI 3.1' } } },
    },
  },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'HS256, signed by READER_SECRET; `sub` is the reader' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'pressroom_reader', description: 'set at the first visit' },
    },
    schemas,
  },
}
