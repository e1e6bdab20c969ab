import type { FunctionConfig } from 'pressroom'
import arcade, { config as arcadeConfig } from './arcade.ts'
import edition, { config as editionConfig } from './edition.ts'
import feeds, { config as feedsConfig } from './feeds.ts'
import gallery, { config as galleryConfig } from './gallery.ts'
import games, { config as gamesConfig } from './games.ts'
import images, { config as imagesConfig } from './images.ts'
import ingest, { config as ingestConfig } from './ingest.ts'
import { config as liveConfig } from './live.ts'
import openapi, { config as openapiConfig } from './openapi.ts'
import pages, { config as pagesConfig } from './pages.ts'
import playground, { config as playgroundConfig } from './playground.ts'
import reader, { config as readerConfig } from './reader.ts'
import search, { config as searchConfig } from './search.ts'
import sources, { config as sourcesConfig } from './sources.ts'
import stories, { config as storiesConfig } from './stories.ts'
import type { ArcadeEnv } from './_arcade/env.ts'
import noLive from './_arcade/no-live.ts'
import type { NewsEnv } from './_news/env.ts'

/** What the bundle of a Worker holds of one function. */
export interface RegisteredFunction {
  name: string
  config: FunctionConfig
  // What a queue holds, only its consumer knows.
  handlers: ExportedHandler<NewsEnv & ArcadeEnv, never>
}

/** Every function of this folder, by name: a Worker cannot look into the folder. */
export const registry: RegisteredFunction[] = [
  { name: 'arcade', config: arcadeConfig, handlers: arcade },
  { name: 'edition', config: editionConfig, handlers: edition },
  { name: 'feeds', config: feedsConfig, handlers: feeds },
  { name: 'gallery', config: galleryConfig, handlers: gallery },
  { name: 'games', config: gamesConfig, handlers: games },
  { name: 'images', config: imagesConfig, handlers: images },
  { name: 'ingest', config: ingestConfig, handlers: ingest },
  { name: 'live', config: liveConfig, handlers: noLive },
  { name: 'openapi', config: openapiConfig, handlers: openapi },
  { name: 'pages', config: pagesConfig, handlers: pages },
  { name: 'playground', config: playgroundConfig, handlers: playground },
  { name: 'reader', config: readerConfig, handlers: reader },
  { name: 'search', config: searchConfig, handlers: search },
  { name: 'sources', config: sourcesConfig, handlers: sources },
  { name: 'stories', config: storiesConfig, handlers: stories },
]
