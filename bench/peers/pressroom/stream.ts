const part = new Uint8Array(64 * 1024).fill(120)

/** One MiB, part by part. */
export default {
  fetch() {
    let left = 16
    return new Response(new ReadableStream({
      pull(to) {
        if (left-- > 0) to.enqueue(part.slice())
        else to.close()
      },
    }))
  },
}
