/**
 * Plays rounds of taps, sends their scores, and keeps the board up to date: told by the server, or asking where that is not to be had.
 * A press is a pointer going down or a key that is not held; a click alone is one too, for whoever reads and points by other means.
 */
export const script = `
const by = (id) => document.getElementById(id)
const field = by('player'), form = by('who'), button = by('tap'), count = by('count'), word = by('word'), ring = by('ring'), say = by('say'), board = by('board'), feed = by('feed'), how = by('how'), own = by('own')
const roundMs = 5000, restMs = 1200, mostTaps = 100
const achievements = { 'first-run': 'First run', fifty: 'Fifty in five seconds' }
let taps = 0, state = 'ready', shown = [], asking
try { field.value = localStorage.getItem('pressroom-player') ?? '' } catch {}
if (field.value === '') field.value = 'Player ' + Math.floor(Math.random() * 9000 + 1000)

const make = (tag, name, ...inside) => { const made = document.createElement(tag); if (name) made.className = name; made.append(...inside); return made }
const named = (player) => make('bdi', '', player)

function line({ rank, player, score }, most) {
  const row = make('tr', player === field.value ? 'mine' : '', make('td', 'rank', make('span', '', rank)), make('td', 'who', named(player)), make('td', 'points', score))
  row.dataset.rank = rank
  row.style.setProperty('--share', score / most)
  return row
}

function show(entries) {
  const before = new Map(shown.map(({ player, score }) => [player, score])), most = entries[0]?.score || 1
  board.replaceChildren(...entries.map((entry) => {
    const row = line(entry, most)
    if (before.size > 0 && before.get(entry.player) !== entry.score) row.classList.add('fresh')
    return row
  }))
  shown = entries
  // Who plays stands below the board while not on it.
  if (entries.some(({ player }) => player === field.value)) own.replaceChildren()
  if (entries.length > 0) return
  const nobody = make('td', 'nobody', 'Nobody has played today. Be the first.')
  nobody.colSpan = 3
  board.replaceChildren(make('tr', '', nobody))
}

function tell({ player, type, score, achievement }) {
  const words = { score: [' scored ', make('b', '', score)], achievement: [' earned ', make('b', '', achievements[achievement] ?? achievement)], join: [' is playing'], leave: [' has left'] }[type]
  // A round ends with its score.
  if (!words || type === 'leave') return
  feed.querySelector('.quiet')?.remove()
  feed.prepend(make('li', player === field.value ? 'mine' : '', named(player), ...words))
  while (feed.children.length > 8) feed.lastChild.remove()
}

const lines = (events) => { const at = new Date().toISOString(); return events.map((event) => JSON.stringify({ id: crypto.randomUUID(), player: field.value, at, ...event })).join('\\n') }
async function send(events) {
  const body = lines(events)
  // Sent again with the same ids, it still counts once.
  for (let attempt = 0; attempt < 4; attempt++) {
    const answer = await fetch('/games/taps/events', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body }).catch(() => undefined)
    if (answer?.ok) return ''
    if (answer?.status === 401) return 'This arcade takes scores from holders of its key only.'
    if (answer && answer.status < 500 && answer.status !== 429) return (await answer.json().catch(() => undefined))?.error?.message ?? 'The score was refused.'
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt))
  }
  return 'The score could not be sent.'
}

async function place(scored) {
  for (let attempt = 0; attempt < 12; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 150 + 100 * attempt))
    const answer = await fetch('/games/taps/leaderboard?window=day&limit=1&around=' + encodeURIComponent(field.value)).catch(() => undefined)
    const entry = answer?.ok ? (await answer.json()).entries[0] : undefined
    if (!entry || entry.score < scored) continue
    if (!shown.some(({ player }) => player === entry.player)) own.replaceChildren(line(entry, shown[0]?.score || 1))
    return ' Place ' + entry.rank + ' today' + (entry.score > scored ? ', with your best of ' + entry.score + '.' : '.')
  }
  return ''
}

function face(next, text) {
  state = next
  button.dataset.state = ring.dataset.state = next
  word.textContent = text
}

function begin() {
  if (!form.reportValidity()) return
  try { localStorage.setItem('pressroom-player', field.value) } catch {}
  taps = 0
  count.textContent = '0'
  face('running', 'Tap!')
  field.readOnly = true
  say.textContent = 'Go!'
  button.focus({ preventScroll: true })
  send([{ type: 'join' }])
  setTimeout(end, roundMs)
}

async function end() {
  // Presses that come late start no other round.
  face('resting', 'Time!')
  const scored = Math.min(taps, mostTaps), told = scored + (scored === 1 ? ' tap.' : ' taps.')
  say.textContent = told
  const events = [{ type: 'score', value: scored }, { type: 'achievement', value: 'first-run' }]
  if (scored >= 50) events.push({ type: 'achievement', value: 'fifty' })
  const rested = new Promise((resolve) => setTimeout(resolve, restMs))
  const [wrong] = await Promise.all([send([...events, { type: 'leave' }]), rested])
  face('ready', 'Again')
  field.readOnly = false
  say.textContent = told + ' ' + (wrong || 'Sent.')
  if (wrong) return
  const stands = await place(scored)
  if (state === 'ready') say.textContent = told + ' Sent.' + stands
}

function press() {
  if (state === 'ready') return begin()
  if (state !== 'running') return
  taps++
  count.textContent = taps
}

button.addEventListener('pointerdown', (event) => { if (event.button === 0) press() })
button.addEventListener('click', (event) => { if (event.detail === 0) press() })
const keys = [' ', 'Enter']
document.addEventListener('keydown', (event) => {
  if (!keys.includes(event.key) || event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, a')) return
  event.preventDefault()
  button.classList.add('down')
  if (!event.repeat) press()
})
document.addEventListener('keyup', (event) => {
  button.classList.remove('down')
  if (keys.includes(event.key) && event.target === button) event.preventDefault()
})
field.addEventListener('input', () => { own.replaceChildren(); show(shown) })
form.addEventListener('submit', (event) => { event.preventDefault(); if (state === 'ready') begin() })
addEventListener('pagehide', () => { if (state === 'running') navigator.sendBeacon('/games/taps/events', lines([{ type: 'leave' }])) })

async function ask() {
  const answer = await fetch('/games/taps/leaderboard?window=day&limit=10').catch(() => undefined)
  if (answer?.ok) show((await answer.json()).entries)
}
function listen() {
  const source = new EventSource('/games/taps/live')
  const heard = (kind) => { how.dataset.how = kind; how.textContent = { live: 'Live', again: 'Connecting', asking: 'Every 2 s' }[kind] }
  source.addEventListener('open', () => { clearInterval(asking); asking = undefined; heard('live') })
  source.addEventListener('board', ({ data }) => show(JSON.parse(data).entries))
  source.addEventListener('events', ({ data }) => JSON.parse(data).events.forEach(tell))
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return heard('again')
    // It was refused: not to be had here, or not now.
    heard('asking')
    asking ??= setInterval(ask, 2000)
    setTimeout(listen, 60_000)
  })
}
listen()
`
