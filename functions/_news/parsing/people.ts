const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/

/** A person's name out of what feeds write for one: `me@example.com (Ann)`, `Ann <me@example.com>`; the address itself where no name is. */
export function personOf(text: string | undefined): string | undefined {
  const plain = text?.slice(0, 300).replace(/\s+/g, ' ').trim()
  if (plain === undefined || plain === '') return undefined
  const named = plain.replace(address, '').replace(/[<(]\s*[>)]/g, '').replace(/^mailto:/i, '').trim()
  const name = named.replace(/^\((.*)\)$/, '$1').replace(/^["'](.*)["']$/, '$1').trim()
  return name === '' ? plain : name
}
