/** Little words that hardly any text of a language is without, and that the others do not share. */
const little: Record<string, string> = {
  en: 'a an it its in on the and of to that with for is was are have has his from by at after who will how',
  da: 'i når og ikke det er på til af med som har efter også blev bliver han hun fra vil efter hvad mens',
  no: 'i når og ikke det er på til av med som har etter også ble blir han hun fra vil hva mens etter',
  sv: 'i när och inte det är på till av med som har efter också blev blir han hon från vill vad för',
  de: 'und nicht der die das ist mit von den dem ein eine für auf nach sich wird zum zur auch bei im',
  nl: 'en niet het een van de is met voor op na zich wordt ook bij naar door zijn heeft aan',
  fr: 'et les des une dans pour est sur par qui au aux avec ses pas plus du cette sont après',
  es: 'y los las una en para es por con del que su el se al sus más como tras',
  pt: 'e os as uma em para é por com do da que não no na dos ao são mais após',
  it: 'e gli una in per è con del della che il di non nel alla dei sono più dopo le',
}

const languagesOf = new Map<string, string[]>()
for (const [language, words] of Object.entries(little)) {
  for (const word of new Set(words.split(' '))) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language])
}

/** As much of a text tells its language. */
const LONGEST = 300
const ENOUGH = 2

/** The language of a text by its little words, in two letters; that of its feed, else English, where they do not tell. */
export function languageOf(text: string, told?: string | null): string {
  const said = (told ?? '').slice(0, 2).toLowerCase()
  const feed = said === 'nb' || said === 'nn' ? 'no' : said
  const counts = new Map<string, number>()
  for (const word of text.slice(0, LONGEST).toLowerCase().match(/\p{L}+/gu) ?? []) {
    for (const language of languagesOf.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  // Of two that are alike, such as Danish and Norwegian, the one its feed names.
  const [best, next] = [...counts].toSorted(([a, x], [b, y]) => y - x || Number(b === feed) - Number(a === feed))
  if (best === undefined) return feed || 'en'
  const tells = best[1] >= ENOUGH || (feed === '' && best[1] > (next?.[1] ?? 0))
  return tells ? best[0] : (feed || 'en')
}
