import { games } from './games.ts'

const error = (description: string) => ({ description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } })
const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })
const text = { type: 'string' }
const number = { type: 'number' }
const time = { type: 'string', format: 'date-time' }
const list = (properties: object) => ({ type: 'array', items: { type: 'object', properties } })
const game = { name: 'game', in: 'path', required: true, schema: { enum: Object.keys(games) } }
const entries = list({ rank: { type: 'integer', description: 'the same for the same score' }, player: text, score: number, at: time })
const event = {
  type: 'object',
  required: ['id', 'player', 'type'],
  additionalProperties: false,
  properties: {
    id: { ...text, maxLength: 64, description: 'of the event within its game: it counts once' },
    player: { ...text, maxLength: 64 },
    type: { enum: ['score', 'achievement', 'join', 'leave'] },
    value: { description: 'of a score a number, of an achievement its name', oneOf: [number, text] },
    at: { description: 'now, where it is left out; at most seven days ago', oneOf: [time, { type: 'integer', description: 'milliseconds since 1970' }] },
  },
}

/** What `GET /openapi.json` tells of the arcade. */
export const arcadePaths = {
  '/games': {
    get: { summary: 'The games and their rules.', operationId: 'listGames', security: [{}], responses: { 200: json('The games', { type: 'object', properties: { games: list({ name: text, title: text }) } }) } },
  },
  '/games/{game}/events': {
    post: {
      summary: 'Takes what happened in a game: kept when this answers, on the boards a moment later.',
      operationId: 'sendGameEvents',
      security: [{}],
      parameters: [game],
      requestBody: { required: true, content: { 'application/json': { schema: event }, 'application/x-ndjson': { schema: { ...text, description: '1–1,000 lines, each an event' } } } },
      responses: {
        202: json('They are kept', { type: 'object', properties: { accepted: { type: 'integer' }, duplicates: { type: 'integer', description: 'ids that counted before, or stand twice in the body' } } }),
        400: error('A field is wrong; the message names its line'),
        401: error('Not the key of ARCADE_KEY'),
        404: error('There is no such game'),
        413: error('The body is larger than 1 MiB'),
        422: error('The rules of the game refuse a score or an achievement; nothing of the body counts'),
      },
    },
  },
  '/games/{game}/leaderboard': {
    get: {
      summary: 'The best players, or those around one.',
      operationId: 'readLeaderboard',
      security: [{}],
      parameters: [
        game,
        { name: 'window', in: 'query', description: 'of UTC; weeks begin on Monday', schema: { enum: ['day', 'week', 'all'], default: 'all' } },
        { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
        { name: 'around', in: 'query', description: 'a player', schema: text },
      ],
      responses: { 200: json('The board', { type: 'object', properties: { game: text, window: text, period: text, entries } }), 400: error('A field is wrong'), 404: error('No such game, or the player has no score there') },
    },
  },
  '/games/{game}/live': {
    get: {
      summary: 'What happens, as it happens: Server-Sent Events `events` and `board`. `last-event-id` goes on where a stream ended.',
      operationId: 'watchGame',
      security: [{}],
      parameters: [game, { name: 'last-event-id', in: 'header', schema: text }],
      responses: { 200: { description: 'The stream', content: { 'text/event-stream': { schema: text } } }, 404: error('There is no such game'), 501: error('On Workers: not without a Durable Object') },
    },
  },
  '/players/{id}': {
    get: {
      summary: 'What a player did in each game.',
      operationId: 'readPlayer',
      security: [{}],
      parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
      responses: {
        200: json('The player', { type: 'object', properties: { id: text, games: list({ game: text, title: text, playing: { type: 'boolean' }, events: { type: 'integer' }, scores: list({ window: text, score: number, rank: { type: 'integer' } }), achievements: list({ name: text, at: time }) }) } }),
        404: error('Nobody of this name ever played'),
      },
    },
  },
}
