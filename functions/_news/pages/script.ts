/**
 * What script adds, and nothing depends on: search as you type, and buttons that change the page in its place. Each asks for the very page
 * that comes without script, and takes its parts; answers that were overtaken are dropped.
 */
export const script = `
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html')
const take = (other, ...selectors) => {
  for (const selector of selectors) {
    const [mine, theirs] = [document.querySelector(selector), other.querySelector(selector)]
    if (mine && theirs) mine.replaceChildren(...theirs.childNodes)
  }
}
const withPictures = () => {
  for (const image of all('.picture img')) {
    const gone = () => image.remove()
    if (image.complete && image.naturalWidth === 0 && image.currentSrc) gone()
    else image.addEventListener('error', gone, { once: true })
  }
}

const field = document.querySelector('#q')
if (field) {
  let timer, asked = 0, shown = field.value.trim(), abort = new AbortController()
  const search = async () => {
    const query = field.value.trim()
    if (query === shown) return
    const mine = ++asked, address = '/news/search' + (query ? '?' + new URLSearchParams({ q: query }) : '')
    abort.abort()
    abort = new AbortController()
    try {
      const answer = await fetch(address, { signal: abort.signal })
      if (!answer.ok) throw new Error(answer.status)
      const next = await parsed(answer)
      if (mine !== asked) return
      take(next, '#count', '#results')
      shown = query
      history.replaceState(null, '', address)
    } catch (error) {
      if (mine === asked && error.name !== 'AbortError') document.querySelector('#count').textContent = 'The search cannot be reached just now.'
    }
  }
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(search, 200)
  })
  field.form.addEventListener('submit', () => clearTimeout(timer))
  // What the browser filled in when it came back.
  addEventListener('pageshow', () => search())
}

let turn = Promise.resolve()
const press = async (button) => {
  const form = document.querySelector('#acts')
  const row = button.closest('li')
  const place = row ? all('main li').indexOf(row) : -1
  const body = new URLSearchParams([['back', form.elements.back.value], ['act', button.value]])
  const answer = await fetch(form.action, { method: 'POST', body })
  if (!answer.ok) throw new Error(answer.status)
  const next = await parsed(answer)
  // Nobody's place is lost while reading: where one story is meant the others stay as they are, and are ranked anew the next time.
  const what = button.value.split(' ')[0], card = row?.id ? '#' + CSS.escape(row.id) : undefined
  const liked = card && /like$/.test(what) && next.querySelector(card)
  const hidden = card && what === 'hide' && row.isConnected && all('main li[id]').length > 1
  if (hidden) row.remove()
  take(next, '#note')
  if (!hidden) take(next, liked ? card : 'main')
  withPictures()
  const same = row?.id ? document.getElementById(row.id) : null
  const goal = (same ?? all('main li')[place])?.querySelector('button, a') ?? document.querySelector('main')
  const again = same && all('button', same).find(({ value }) => value.split(' ')[1] === button.value.split(' ')[1] && value.replace('un', '').startsWith(button.value.replace('un', '').split(' ')[0]))
  ;(again ?? goal).focus({ preventScroll: true })
}
document.addEventListener('submit', (event) => {
  const button = event.submitter
  if (event.target.id !== 'acts' || !button || button.value.startsWith('erase ')) return
  event.preventDefault()
  // One after the other, as they were pressed; where that fails the form is sent as ever.
  turn = turn.then(() => press(button)).catch(() => {
    const sent = document.createElement('input')
    Object.assign(sent, { type: 'hidden', name: 'act', value: button.value })
    event.target.append(sent)
    event.target.submit()
  })
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelector('#note').replaceChildren()
})
withPictures()
`
