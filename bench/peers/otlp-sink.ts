/** Takes whatever an exporter sends and says so: a collector that costs almost nothing. */
import { createServer } from 'node:http'

createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
}).listen(Number(process.argv[2]), '127.0.0.1')
