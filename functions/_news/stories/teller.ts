import type { PoolStory } from '../ranking/pool.ts'

/**
 * A story by the first of its articles whose source is not muted; undefined where all of them are. It stays the same story: what a reader
 * does to it is done to all that tell it.
 */
export function toldUnmuted<Story extends PoolStory>(story: Story, muted: readonly string[]): Story | undefined {
  if (!muted.includes(story.source.id)) return story
  const other = story.others?.find(({ source }) => !muted.includes(source.id))
  return other === undefined ? undefined : { ...story, ...other }
}
