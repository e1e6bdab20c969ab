import { decodeHTMLStrict } from 'entities'

// As HTML 4 and every feed that writes them mean them; a sign that nobody sees is left out.
const older: Record<string, string> = { '&lang;': '\u2329', '&rang;': '\u232a', '&zwnj;': '' }

/** Replaces HTML's character references, those that end with a semicolon, by what they stand for; unknown ones stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return decodeHTMLStrict(text.replace(/&(?:lang|rang|zwnj);/g, (reference) => older[reference] ?? reference))
}
