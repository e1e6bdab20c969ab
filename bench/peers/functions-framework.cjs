const functions = require('@google-cloud/functions-framework')
const { Readable } = require('node:stream')

const part = Buffer.alloc(64 * 1024, 120)
functions.http('hello', (request, response) => {
  if (request.path === '/stream') Readable.from(Array(16).fill(part)).pipe(response)
  else response.send('hello')
})
