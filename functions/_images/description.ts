import { MOST_BYTES, MOST_PIXELS, presets, smallPresets, type Preset } from './presets.ts'

const error = (description: string) => ({ description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } })
const text = { type: 'string' }
const number = { type: 'number' }
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } }
const variantOf = (kinds: readonly Preset[]) => {
  const names = kinds.map(({ name }) => name).join(', ')
  return { type: 'string', description: `${names}; with .avif, .webp or .jpeg behind it that format, else what \`accept\` likes best`, example: '640' }
}
const file = { description: 'The picture; etag, range, cached for good', content: { 'image/avif': {}, 'image/webp': {}, 'image/jpeg': {} } }
const changes = [{ token: [] }, { cookie: [] }]
const nobody = error('Neither a token nor the cookie of a reader')
const later = error('Its variants are being made, or too much is under way; retry-after tells when to ask again')

const variants = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      name: text, filter: text, width: number, height: number,
      files: { type: 'array', items: { type: 'object', properties: { url: text, type: text, bytes: number } } },
    },
  },
}
const status = {
  type: 'object',
  required: ['id', 'status', 'variants', 'bill'],
  properties: {
    id: text,
    status: { enum: ['waiting', 'ready', 'refused'] },
    error: { type: 'object', properties: { code: text, message: text } },
    type: text,
    width: number,
    height: number,
    animated: { type: 'boolean', description: 'only the first frame is shown' },
    placeholder: { type: 'string', description: 'a few pixels, as a data: URL' },
    variants,
    bill: {
      type: ['object', 'null'],
      description: 'what making the variants took; the ledger has the record under the same trace',
      properties: { run_ms: number, memory_mib: number, gib_seconds: number, trace_id: { type: ['string', 'null'] } },
    },
    at: { type: 'string', format: 'date-time' },
  },
}
const image = { type: 'string', format: 'binary', maxLength: MOST_BYTES }

/** What `GET /openapi.json` tells of the images. */
export const imagePaths = {
  '/images': {
    post: {
      summary: `Takes an image of at most ${MOST_BYTES} bytes and ${MOST_PIXELS} pixels; its variants are made after that.`,
      operationId: 'sendImage',
      security: changes,
      requestBody: { required: true, content: { 'image/*': { schema: image }, 'multipart/form-data': { schema: { type: 'object', properties: { file: image } } } } },
      responses: {
        202: { description: 'It is kept', content: { 'application/json': { schema: { type: 'object', required: ['id'], properties: { id: text } } } } },
        400: error('There is no image in the body'),
        401: nobody,
        403: error('Without a token: the change does not come from a page of this site, or of CORS_ORIGINS'),
        413: error('The image is too large'),
        415: error('It is no image of a kind that is taken'),
        503: later,
      },
    },
  },
  '/images/remote': {
    get: {
      summary: 'An image of elsewhere, fetched once; for addresses that this host signed.',
      operationId: 'showRemoteImage',
      security: [{}],
      parameters: [
        { name: 'url', in: 'query', required: true, schema: text },
        { name: 'signature', in: 'query', required: true, schema: text },
        { name: 'variant', in: 'query', schema: variantOf(smallPresets) },
      ],
      responses: { 200: file, 400: error('The URL is none'), 403: error('This host did not sign it'), 404: error('No image came from there'), 503: later },
    },
  },
  '/images/{id}': {
    get: {
      summary: 'How far an image is, its variants, and what making them took.',
      operationId: 'describeImage',
      security: [{}],
      parameters: [id],
      responses: { 200: { description: 'The image', content: { 'application/json': { schema: status } } }, 404: error('There is none') },
    },
    delete: {
      summary: 'Removes an image and all its variants.',
      operationId: 'deleteImage',
      security: changes,
      parameters: [id],
      responses: { 204: { description: 'It is gone' }, 401: nobody, 403: error('Somebody else sent it'), 404: error('There is none') },
    },
  },
  '/images/{id}/{variant}': {
    get: {
      summary: 'A variant of an image.',
      operationId: 'showImage',
      security: [{}],
      parameters: [id, { name: 'variant', in: 'path', required: true, schema: variantOf(presets) }],
      responses: { 200: file, 206: file, 304: { description: 'Not changed' }, 404: error('There is none'), 416: { description: 'No such range' }, 503: later },
    },
  },
}
