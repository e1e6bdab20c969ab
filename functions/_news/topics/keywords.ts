import { danish, norwegian, swedish } from './keywords/nordic.ts'
import { dutch, german } from './keywords/germanic.ts'
import { english } from './keywords/english.ts'
import type { Lists } from './keywords/lists.ts'
import { french, italian, portuguese, spanish } from './keywords/romance.ts'

/** What a word says of an article. */
interface Hint {
  topic: string
  strength: number
}

/** The words of a language, ready to be looked up. */
export interface Keywords {
  whole: ReadonlyMap<string, readonly Hint[]>
  beginnings: ReadonlyMap<string, readonly Hint[]>
}

const lists: Record<string, Lists> = {
  en: english, da: danish, no: norwegian, sv: swedish, de: german, nl: dutch, fr: french, es: spanish, pt: portuguese, it: italian,
}
const ready = new Map<string, Keywords>()

function read(topics: Lists): Keywords {
  const whole = new Map<string, Hint[]>()
  const beginnings = new Map<string, Hint[]>()
  for (const [topic, tiers] of Object.entries(topics)) {
    for (const [i, words] of tiers.entries()) {
      for (const word of new Set(words.split(/\s+/).filter((one) => one !== ''))) {
        const [map, name] = word.endsWith('*') ? [beginnings, word.slice(0, -1)] as const : [whole, word] as const
        map.set(name, [...(map.get(name) ?? []), { topic, strength: 3 - i }])
      }
    }
  }
  return { whole, beginnings }
}

/** The words of a language by its two letters; none for one that there are no lists of. */
export function keywords(language: string): Keywords {
  let known = ready.get(language)
  if (known === undefined) {
    known = read(Object.hasOwn(lists, language) ? lists[language]! : {})
    // Of the ten languages only: a feed may say anything.
    if (Object.hasOwn(lists, language)) ready.set(language, known)
  }
  return known
}
