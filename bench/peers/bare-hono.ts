import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import stream from './pressroom/stream.ts'

const app = new Hono()
app.get('/hello', (c) => c.text('hello'))
app.get('/stream', () => stream.fetch())
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' })
