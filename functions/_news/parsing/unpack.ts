const maxBytes = 15 * 2 ** 20

/**
 * The bytes of a document that was compressed with gzip, once or twice; others as they are. What breaks off in the middle is kept up to there.
 * @throws Error where more than 15 MiB come out.
 */
export async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  let current = bytes
  for (let layer = 0; layer < 2 && current[0] === 0x1f && current[1] === 0x8b; layer += 1) current = await gunzipped(current)
  return current
}

async function gunzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || value === undefined) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      throw new Error(`parser: the compressed document is larger than ${maxBytes / 2 ** 20} MiB`)
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
