/** Plays a round of taps, sends its score, and keeps the board up to date: told by the server, or asking where that is not to be had. */
export const script = `
const field = document.querySelector('#player'), button = document.querySelector('#tap'), say = document.querySelector('#say')
const board = document.querySelector('#board'), feed = document.querySelector('#feed'), form = document.querySelector('form')
const seconds = 5
let taps = 0, running = false
field.value = localStorage.getItem('pressroom-player') ?? 'Player ' + Math.floor(Math.random() * 9000 + 1000)
const cell = (text) => { const td = document.createElement('td'); td.textContent = text; return td }
function show({ entries }) {
  board.replaceChildren(...entries.map(({ rank, player, score }) => {
    const row = document.createElement('tr')
    if (player === field.value) row.className = 'mine'
    row.append(cell(rank), cell(player), cell(score))
    return row
  }))
  if (entries.length === 0) board.innerHTML = '<tr><td colspan="3">Nobody has played today. Be the first.</td></tr>'
}
function tell({ player, type, score, achievement }) {
  const words = { score: player + ' scored ' + score, achievement: player + ' earned ' + achievement, join: player + ' plays', leave: player + ' left' }
  const item = document.createElement('li')
  item.textContent = words[type]
  feed.prepend(item)
  while (feed.children.length > 8) feed.lastChild.remove()
}
async function send(events) {
  const at = new Date().toISOString()
  const body = events.map((event) => JSON.stringify({ id: crypto.randomUUID(), player: field.value, at, ...event })).join('\\n')
  // Sent again with the same ids, it still counts once.
  for (let attempt = 0; attempt < 4; attempt++) {
    const answer = await fetch('/games/taps/events', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body }).catch(() => undefined)
    if (answer?.ok) return true
    if (answer && answer.status < 500 && answer.status !== 429) return false
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt))
  }
  return false
}
async function end() {
  running = false
  button.disabled = true
  button.textContent = 'Start'
  const events = [{ type: 'score', value: Math.min(taps, 100) }, { type: 'achievement', value: 'first-run' }]
  if (taps >= 50) events.push({ type: 'achievement', value: 'fifty' })
  say.textContent = await send([...events, { type: 'leave' }]) ? taps + ' taps. Sent.' : taps + ' taps, but they could not be sent.'
  button.disabled = false
}
button.addEventListener('click', () => {
  if (running) { taps++; say.textContent = taps + ' taps'; return }
  if (!form.reportValidity()) return
  localStorage.setItem('pressroom-player', field.value)
  taps = 0
  running = true
  button.textContent = 'Tap!'
  say.textContent = 'Go!'
  send([{ type: 'join' }])
  setTimeout(end, seconds * 1000)
})
form.addEventListener('submit', (event) => event.preventDefault())
async function ask() {
  const answer = await fetch('/games/taps/leaderboard?window=day&limit=10').catch(() => undefined)
  if (answer?.ok) show(await answer.json())
}
const source = new EventSource('/games/taps/live')
source.addEventListener('board', ({ data }) => show(JSON.parse(data)))
source.addEventListener('events', ({ data }) => JSON.parse(data).events.forEach(tell))
source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) setInterval(ask, 2000) })
`

/** What the page looks like: the paper of the others, a big button. */
export const style = `
#tap { font-size: 1.6rem; min-width: 14rem; min-height: 8rem; touch-action: manipulation; border-width: 3px }
#say { min-height: 1.6em; font: 1.1rem/1.6 system-ui, sans-serif }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 2rem }
tr.mine { font-weight: 700; color: var(--accent) }
#feed { min-height: 13rem; padding-left: 1.2rem; font: .9375rem/1.6 system-ui, sans-serif }
#board td:first-child, #board td:last-child { font-variant-numeric: tabular-nums }
`
