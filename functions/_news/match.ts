/**
 * A full-text expression that asks for every word of `query`, the last one also as a beginning. Words in double quotes are a phrase.
 * Nothing in the query is taken for syntax. Undefined where it holds no word.
 */
export function matchExpression(query: string): string | undefined {
  const phrases = [...query.replaceAll('\0', ' ').matchAll(/"([^"]*)"|([^\s"]+)/g)]
    .map(([, phrase, word]) => ({ text: phrase ?? word ?? '', open: phrase === undefined }))
    .filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
    .slice(0, 32)
  if (phrases.length === 0) return undefined
  return phrases.map(({ text, open }, index) => `"${text}"${open && index === phrases.length - 1 ? ' *' : ''}`).join(' AND ')
}
