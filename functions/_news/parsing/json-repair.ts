const closing: Record<string, string> = { '{': '}', '[': ']' }

/**
 * JSON that breaks off in the middle, made whole: what is complete stays, the rest goes, and what is open is closed. Line breaks inside strings
 * and commas before a closing bracket are put right. Answers '' where nothing is complete.
 */
export function repairedJson(document: string): string {
  let result = ''
  const open: string[] = []
  let whole = { length: 0, ends: '' }
  let comma = -1
  let at = 0
  while (at < document.length) {
    const sign = document.charAt(at)
    if (sign === '"') {
      const end = endOfString(document, at)
      if (end < 0) break
      // oxlint-disable-next-line no-control-regex
      result += document.slice(at, end).replace(/[\u0000-\u001f]/g, (control) => JSON.stringify(control).slice(1, -1))
      at = end
      comma = -1
      continue
    }
    if (sign === '}' || sign === ']') {
      if (comma >= 0) result = result.slice(0, comma)
      open.pop()
      result += sign
      whole = { length: result.length, ends: open.toReversed().join('') }
      if (open.length === 0) return result
    } else {
      if (sign === ',') {
        whole = { length: result.length, ends: open.toReversed().join('') }
        comma = result.length
      } else if (sign.trim() !== '') comma = -1
      if (sign === '{' || sign === '[') open.push(closing[sign] ?? '')
      if (open.length > 100) return ''
      result += sign
      if (sign === ',') comma = result.length - 1
    }
    at += 1
  }
  return result.slice(0, whole.length) + whole.ends
}

function endOfString(document: string, start: number): number {
  for (let at = start + 1; at < document.length; at += 1) {
    const sign = document.charAt(at)
    if (sign === '\\') at += 1
    else if (sign === '"') return at + 1
  }
  return -1
}
