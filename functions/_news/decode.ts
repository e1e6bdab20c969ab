const declared = [/^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/i, /<meta[^>]+charset\s*=\s*["']?([\w.:-]+)/i]

function byMark(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c && c === 0 && d === 0x3f)) return 'utf-16be'
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0 && c === 0x3f && d === 0)) return 'utf-16le'
  return undefined
}

function decoder(label: string | undefined, fatal: boolean): TextDecoder | undefined {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label.toLowerCase(), { fatal, ignoreBOM: false })
  } catch {
    return undefined
  }
}

/**
 * The text of a document: by its byte order mark, else the charset of `content-type`, else what the document declares, else UTF-8.
 * A document that is not what it says is read as Windows-1252, which reads anything.
 */
export function decodeDocument(bytes: Uint8Array, contentType: string | null): string {
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, 1024))
  const header = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
  const labels = [byMark(bytes), header, ...declared.map((pattern) => pattern.exec(start)?.[1]), 'utf-8']
  for (const label of labels) {
    // Readable as ASCII so far: a declaration of UTF-16 cannot be true.
    if (label !== undefined && label !== labels[0] && /^utf-?16/i.test(label)) continue
    try {
      const text = decoder(label, true)?.decode(bytes)
      if (text !== undefined) return text
    } catch {
      continue
    }
  }
  const fallback = byMark(bytes) ?? 'windows-1252'
  return new TextDecoder(fallback).decode(bytes)
}
