import { arcadePaths } from '../_arcade/description.ts'
import { imagePaths } from '../_images/description.ts'
import { answer, body, changes, paging, problems, reference, schemas, text } from './description-shapes.ts'

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
          parameters: [
            { name: 'q', in: 'query', required: true, schema: { type: 'string', minLength: 1, maxLength: 500 } },
            { name: 'key', in: 'query', schema: text, description: "of a secret link: the reader's own sources are searched too, and nothing muted is found" },
          ],
          responses: { 200: { description: 'A feed' }, 400: problems[400], 401: answer('The link was taken back', 'Error') },
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
        summary: 'The sources that the reader sees, and how their last fetch went.',
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
      post: {
        summary: "Adds the feed at an address, the feed that the page there names, or those of an OPML file to the reader's own sources.",
        operationId: 'addSource',
        security: [{ token: [] }, { cookie: [] }],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { type: 'object', required: ['url'], properties: { url: text, folder: text }, additionalProperties: false } },
            'text/x-opml': { schema: text },
          },
        },
        responses: {
          200: answer("It was among the reader's own already", 'SourceAdded'),
          201: { description: 'It was added', content: { 'application/json': { schema: { oneOf: [reference('SourceAdded'), reference('SourcesImported')] } } } },
          ...changes,
          409: answer('The reader would have more than a hundred', 'Error'),
          422: answer('There is no feed; the code names what is there', 'Error'),
        },
      },
    },
    '/sources/{id}': {
      delete: {
        summary: "Deletes a source: from the reader's own, or, by an editor, from everybody's list.",
        operationId: 'deleteSource',
        security: [{ token: [] }, { cookie: [] }],
        parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
        responses: { 204: { description: 'It is gone' }, ...changes, 404: answer('The reader sees no such source', 'Error') },
      },
    },
    '/sources.opml': {
      get: { summary: 'The sources that the reader sees as an OPML file, for any feed reader.', operationId: 'exportSources', security: [{}], responses: { 200: { description: 'OPML', content: { 'text/x-opml': { schema: text } } } } },
    },
    ...arcadePaths,
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
