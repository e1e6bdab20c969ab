/** What the pages look like: ink on paper, by day and by night. Nothing is loaded from elsewhere. */
export const style = `
:root { color-scheme: light dark; --paper: #fbf8f1; --ink: #1d1a16; --soft: #5a534a; --line: #d9d1c2; --edge: #857c6e; --accent: #8c1c13; --card: #fffdf8; --mark: #ffe9a8; --serif: Georgia, 'Times New Roman', serif; --sans: system-ui, sans-serif }
@media (prefers-color-scheme: dark) { :root { --paper: #16150f; --ink: #ece6d8; --soft: #b5ac9b; --line: #3a362c; --edge: #8b8270; --accent: #f0a48c; --card: #22201a; --mark: #5c4a12 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-padding: 1rem 0 6rem }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 var(--serif); overflow-wrap: break-word }
a { color: inherit; text-decoration-color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em }
a:hover { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .15rem }
main:focus { outline: none }
main > .acts { margin: .75rem 0 1rem }
.skip { position: absolute; left: -999px }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 2 }
.aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem }
header { border-bottom: 3px double var(--ink); padding-top: 1.5rem; padding-bottom: .6rem; text-align: center }
header .name { font-size: clamp(1.9rem, 5vw, 3.25rem); line-height: 1; font-weight: 700; letter-spacing: -.02em; text-decoration: none }
header p { margin: .3rem auto .7rem; color: var(--soft); font-style: italic; font-size: .9375rem }
header ul, .tabs { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0; padding: 0; font: .9375rem/1.5 var(--sans) }
header ul { justify-content: center }
header li a, .tabs a { display: inline-block; padding: .45rem 0; text-decoration: none; border-bottom: 2px solid transparent }
header li a:hover, .tabs a:hover { border-color: var(--line) }
header a[aria-current], .tabs a[aria-current] { color: var(--accent); font-weight: 600; border-color: var(--accent) }
@media (max-width: 30rem) { header { padding-top: .9rem; padding-bottom: .2rem } header p { display: none } header ul { gap: 0 .7rem; margin-top: .4rem } header ul, .tabs { font-size: .875rem } }
h1 { font-size: clamp(1.5rem, 3.5vw, 2.1rem); line-height: 1.15; letter-spacing: -.01em; margin: 1.75rem 0 .75rem; max-width: 46rem; overflow-wrap: anywhere }
h1:has(+ .stories) { font: .8125rem/1.5 var(--sans); letter-spacing: .08em; text-transform: uppercase; color: var(--soft); margin: 1.25rem 0 .25rem }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere }
h2 a { text-decoration: none }
h2 a:hover { text-decoration: underline; text-decoration-color: var(--accent) }
section { margin: 2rem 0 }
section > h2 { margin-bottom: .5rem }
p { margin: .6rem 0; max-width: 42rem }
.meta, .note { color: var(--soft); font: .875rem/1.5 var(--sans); margin: .3rem 0 }
.meta b { color: var(--ink); font-weight: 600 }
.source { overflow-wrap: anywhere }
.bad { color: var(--accent); overflow-wrap: anywhere }
code { font-size: .875em; overflow-wrap: anywhere }

.stories, .sides, .found, .alone, .rows { list-style: none; padding: 0; margin: 0 }
.stories, .sides { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0 2.25rem }
.stories > li, .sides > li, .found > li, .alone > li { border-top: 1px solid var(--line); padding: 1.15rem 0; min-width: 0 }
.stories article { display: flex; gap: 1rem; align-items: flex-start }
.told { flex: 1; min-width: 0 }
.stories .picture { order: 1; flex: 0 0 6rem; aspect-ratio: 1 }
.stories > li:first-child { grid-column: 1 / -1; border-top: 0; padding-top: .25rem }
.stories > li:first-child h2 { font-size: clamp(1.6rem, 4vw, 2.5rem); line-height: 1.12; letter-spacing: -.01em }
.stories > li:first-child .picture { flex: 0 0 45%; aspect-ratio: 16 / 9 }
@media (max-width: 40rem) { .stories > li:first-child article { flex-direction: column } .stories > li:first-child .picture { order: 0; flex: none } .stories > li:first-child .told { flex: none; width: 100% } }
.stories > li:target { background: var(--card); box-shadow: 0 0 0 .6rem var(--card) }
.picture { position: relative; display: grid; place-items: center; width: 100%; aspect-ratio: 16 / 9; background: var(--line); color: var(--soft); overflow: hidden; font: .8125rem/1.3 var(--sans); text-align: center; padding: .4rem; overflow-wrap: anywhere }
.picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; color: transparent }
.alone, .found { max-width: 46rem }
.alone > li, .found > li:first-child { border-top: 0 }
.alone .picture, .sides .picture { margin-bottom: .75rem }
.try { border: 1px solid var(--accent); border-radius: .25rem; padding: 0 .4rem; color: var(--accent); font-size: .8125rem; white-space: nowrap }
details { font: .875rem/1.5 var(--sans); margin: .4rem 0 }
summary { cursor: pointer; color: var(--soft); padding: .3rem 0; width: fit-content }
summary:hover { color: var(--accent) }
.reasons { margin: .2rem 0 .5rem; padding: 0; list-style: none }
.reasons li { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px dotted var(--edge); padding: .15rem 0 }
.reasons li > :first-child { min-width: 0; overflow-wrap: anywhere }
.reasons li > :last-child { font-variant-numeric: tabular-nums }
.reasons .total { font-weight: 600; border: 0 }

.acts { display: flex; flex-wrap: wrap; gap: .4rem }
button, input, .button { font: .9375rem/1.4 var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: .3rem; padding: .45rem .8rem; min-height: 2.5rem }
.button { display: inline-block; text-decoration: none }
button:hover, .button:hover { border-color: var(--accent); color: var(--accent); cursor: pointer }
.stories .acts { margin: 0 0 0 -.5rem; gap: 0 }
.stories details { margin: .2rem 0 }
.stories .acts button { background: none; border-color: transparent; color: var(--soft); font-size: .875rem; padding: .3rem .5rem; min-height: 2.25rem; text-align: start; overflow-wrap: anywhere }
.stories .acts button:hover { color: var(--accent); border-color: var(--line) }
button[aria-pressed=true], .stories .acts button[aria-pressed=true] { color: var(--accent); font-weight: 600 }
button[aria-pressed=true]::before { content: '✓ ' / '' }
input { max-width: 100%; min-width: 0 }
input::placeholder { color: var(--soft); opacity: 1 }
.field { margin: 1rem 0; max-width: 42rem; font-family: var(--sans); font-size: .9375rem }
.field label { display: block; margin-bottom: .35rem }
.field > div { display: flex; gap: .5rem }
.field input { flex: 1 }
.field.short { max-width: 24rem; margin-bottom: 0 }
.forms { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2.25rem }
input[type=file]::file-selector-button { font: inherit; color: inherit; background: none; border: 0; border-inline-end: 1px solid var(--edge); padding: 0 .7rem 0 0; margin-inline-end: .7rem; cursor: pointer }
.tabs { border-bottom: 1px solid var(--line); margin-top: 1.5rem }

.rows > li { display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; align-items: center; border-bottom: 1px solid var(--line); padding: .6rem 0; font-family: var(--sans); font-size: .9375rem }
.rows .told { flex: 1 1 16rem; overflow-wrap: anywhere }
.rows p { margin: .25rem 0 0 }
.rows b a { display: inline-block; padding: .1rem 0 }
.rows button { font-size: .875rem; padding: .3rem .7rem; min-height: 2.25rem }
.two { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 0 2.25rem }
.two .told { flex-basis: 7rem }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2.25rem }
.halves section { min-width: 0; margin: 1.25rem 0 }
.chips, .addresses { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; padding: 0; margin: .5rem 0 }
.addresses { flex-direction: column; font: .9375rem/1.5 var(--sans) }
.chip { border-radius: 1.25rem; min-height: 2.25rem; padding: .25rem .8rem }
table { border-collapse: collapse; width: 100%; font: .9375rem/1.5 var(--sans) }
th, td { text-align: start; font-weight: 400; border-bottom: 1px solid var(--line); padding: .35rem .8rem .35rem 0; vertical-align: top; overflow-wrap: anywhere }
td:nth-child(2) { font-variant-numeric: tabular-nums; white-space: nowrap }
thead th { color: var(--soft) }
.paging { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: 1.5rem 0; font: .9375rem/1.5 var(--sans) }
.danger summary { color: var(--accent); font-size: .9375rem }
mark { background: var(--mark); color: inherit; border-radius: .15rem; padding: 0 .1em }
#note { position: fixed; inset: auto 0 1rem; display: flex; justify-content: center; padding: 0 1rem; pointer-events: none; z-index: 1 }
#note > div { display: flex; gap: 1rem; align-items: center; max-width: 40rem; background: var(--ink); color: var(--paper); border-radius: .4rem; padding: .6rem 1rem; font: .9375rem/1.4 var(--sans); pointer-events: auto; box-shadow: 0 .25rem 1rem rgb(0 0 0 / .25) }
#note p { margin: 0; min-width: 0; overflow-wrap: anywhere }
#note .bad { color: inherit }
#note button { background: none; color: inherit; border-color: currentcolor; flex: none }
#note :focus-visible { outline-color: var(--paper) }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .75rem; padding-bottom: 5rem; color: var(--soft); font: .875rem/1.5 var(--sans) }
@media print { nav, .acts, .field, #note, footer { display: none } }
`

/** A letter on paper, for the tab. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#8c1c13"/><path d="M10 25V7h8a5 5 0 0 1 0 11h-4v7z" fill="#fbf8f1"/></svg>`
