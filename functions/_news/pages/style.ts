/** What the pages look like: ink on paper, by day and by night. Nothing is loaded from elsewhere. */
export const style = `
:root { color-scheme: light dark; --paper: #fbf8f1; --ink: #1d1a16; --soft: #5a534a; --line: #d9d1c2; --accent: #8c1c13; --card: #fffdf8; --mark: #ffe9a8 }
@media (prefers-color-scheme: dark) { :root { --paper: #16150f; --ink: #ece6d8; --soft: #b5ac9b; --line: #3a362c; --accent: #f0a48c; --card: #1e1c15; --mark: #5c4a12 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 Georgia, 'Times New Roman', serif }
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: .15em }
a:hover { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.skip { position: absolute; left: -999px }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem }
header { border-bottom: 3px double var(--ink); padding-top: 1.5rem; padding-bottom: .75rem; text-align: center }
header .name { font-size: clamp(2rem, 6vw, 3.5rem); line-height: 1; font-weight: 700; letter-spacing: -.02em; text-decoration: none }
header p { margin: .4rem 0 .8rem; color: var(--soft); font-style: italic }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; justify-content: center; list-style: none; margin: 0; padding: 0; font: .9375rem/1.6 system-ui, sans-serif }
nav a { display: inline-block; padding: .3rem .2rem }
nav a[aria-current] { color: var(--accent); font-weight: 600 }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.75rem 0 1rem }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .3rem }
.stories { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0 2rem; list-style: none; padding: 0; margin: 0 }
.stories > li { border-top: 1px solid var(--line); padding: 1.1rem 0 }
.stories > li:first-child { grid-column: 1 / -1; border-top: 0 }
.stories > li:first-child h2 { font-size: clamp(1.6rem, 4vw, 2.4rem) }
.picture { width: 100%; aspect-ratio: 16 / 9; object-fit: cover; background: var(--line); display: block; margin-bottom: .6rem }
.meta, .note { color: var(--soft); font: .875rem/1.5 system-ui, sans-serif; margin: .2rem 0 }
details { font: .875rem/1.5 system-ui, sans-serif; margin: .4rem 0 }
summary { cursor: pointer; color: var(--soft); padding: .2rem 0 }
.reasons { margin: .2rem 0; padding: 0; list-style: none }
.reasons li { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px dotted var(--line) }
form.inline { display: inline }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .5rem }
button, input, .button { font: .9375rem/1.4 system-ui, sans-serif; color: var(--ink); background: var(--card); border: 1px solid var(--soft); border-radius: .25rem; padding: .4rem .7rem; min-height: 2.5rem }
button:hover { border-color: var(--accent); color: var(--accent); cursor: pointer }
input[type=search] { width: min(100%, 30rem) }
table { border-collapse: collapse; width: 100%; font: .9375rem/1.5 system-ui, sans-serif }
th, td { text-align: left; border-bottom: 1px solid var(--line); padding: .4rem .8rem .4rem 0; vertical-align: top }
.wide { overflow-x: auto }
mark { background: var(--mark); color: inherit }
.try { border: 1px solid var(--accent); border-radius: .25rem; padding: 0 .4rem; color: var(--accent); font: .8125rem/1.6 system-ui, sans-serif }
footer { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1rem; padding-bottom: 2rem; color: var(--soft); font: .875rem/1.5 system-ui, sans-serif }
`

/** A letter on paper, for the tab. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#8c1c13"/><path d="M10 25V7h8a5 5 0 0 1 0 11h-4v7z" fill="#fbf8f1"/></svg>`

/** Search as you type: the results are those of the page itself. Without it the form is sent as ever. */
export const script = `
const field = document.querySelector('input[type=search]'), place = document.querySelector('#results')
let timer, asked = 0
field?.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(async () => {
    const mine = ++asked, query = new URLSearchParams({ q: field.value })
    const answer = await fetch('/news/search?' + query, { headers: { accept: 'text/html' } })
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#results')
    if (mine !== asked || !next || !place) return
    place.replaceChildren(...next.childNodes)
    history.replaceState(null, '', '/news/search?' + query)
  }, 200)
})
`
