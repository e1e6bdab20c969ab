const part = new Uint8Array(64 * 1024).fill(120)

export default {
  fetch(request) {
    if (!request.url.endsWith('/stream')) return new Response('hello')
    let left = 16
    return new Response(new ReadableStream({
      pull(to) {
        if (left-- > 0) to.enqueue(part)
        else to.close()
      },
    }))
  },
}
