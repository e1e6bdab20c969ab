import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { description } from './_news/description.ts'

export const config = {
  routes: ['GET /openapi.json', 'OPTIONS /openapi.json'],
  memory: 128,
  env: ['CORS_ORIGINS'],
} satisfies FunctionConfig

const app = newsApp()

app.get('/openapi.json', (c) => c.json(description))

export default app
