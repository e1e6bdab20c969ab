const ASCII = (bytes: Uint8Array, from: number, length: number): string => String.fromCharCode(...bytes.subarray(from, from + length))

/** Whether a file of a known kind holds several frames that are meant to be seen one after the other. */
export function isAnimated(bytes: Uint8Array): boolean {
  const head = ASCII(bytes, 0, 12)
  if (head.startsWith('GIF8')) return severalFrames(bytes)
  if (head.startsWith('\x89PNG')) return hasAnimationChunk(bytes)
  if (head.startsWith('RIFF')) return ASCII(bytes, 12, 4) === 'VP8X' && ((bytes[20] ?? 0) & 2) !== 0
  return head.endsWith('ftypavis')
}

/** A PNG tells of its animation before its first pixels. */
function hasAnimationChunk(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = ASCII(bytes, at + 4, 4)
    if (type === 'acTL') return true
    if (type === 'IDAT') return false
  }
  return false
}

/** Walks the blocks of a GIF as far as its second picture. */
function severalFrames(bytes: Uint8Array): boolean {
  const palette = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1))
  let at = 13 + palette(bytes[10] ?? 0)
  for (let frames = 0; at < bytes.length; ) {
    const kind = bytes[at]
    if (kind === 0x2c && ++frames > 1) return true
    if (kind === 0x2c) at += 11 + palette(bytes[at + 9] ?? 0)
    else if (kind === 0x21) at += 2
    else return false
    while ((bytes[at] ?? 0) > 0) at += 1 + bytes[at]!
    at++
  }
  return false
}
