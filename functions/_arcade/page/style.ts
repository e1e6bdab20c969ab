/** What the page looks like: the paper of the others, and one button that asks to be pressed. */
export const style = `
:root { --press: #b3261e; --press-light: #d8463c; --press-edge: #7c1611; --bar: #f3e4c9; --gold: #d9a520; --silver: #a9adb3; --bronze: #c07a45 }
@media (prefers-color-scheme: dark) { :root { --bar: #2e2819 } }
@property --left { syntax: '<number>'; inherits: false; initial-value: 1 }
main { padding-bottom: 2rem }
.halves { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.15fr); grid-template-rows: auto 1fr; gap: 1.5rem 3rem; margin-top: 1.75rem }
.play { grid-row: span 2; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem; text-align: center; align-self: start; position: sticky; top: 1rem }
#who label { white-space: nowrap }
.play h1 { margin: 0 0 .25rem; font-size: 2rem }
.play .lead { margin: 0 0 1.25rem; color: var(--soft) }
#who { display: flex; gap: .6rem; align-items: center; justify-content: center; font: .9375rem/1.4 system-ui, sans-serif }
#player { flex: 0 1 15rem; min-width: 0; background: var(--paper) }
#player[readonly] { opacity: .6 }
#ring { --left: 1; display: grid; place-items: center; width: min(100%, 19rem); aspect-ratio: 1; margin: 1.5rem auto 1rem; border-radius: 50%; background: conic-gradient(var(--accent) calc(var(--left) * 1turn), var(--line) 0) }
#ring[data-state=running] { animation: left 5s linear forwards }
#ring[data-state=resting] { --left: 0 }
@keyframes left { from { --left: 1 } to { --left: 0 } }
#tap { width: calc(100% - 1.25rem); aspect-ratio: 1; border-radius: 50%; border: .75rem solid var(--card); color: #fff; cursor: pointer; touch-action: manipulation; user-select: none; -webkit-user-select: none; -webkit-tap-highlight-color: transparent;
  display: flex; flex-direction: column; align-items: center; justify-content: center; background: radial-gradient(circle at 50% 30%, var(--press-light), var(--press) 65%) padding-box, var(--card);
  box-shadow: inset 0 -.9rem 0 var(--press-edge), inset 0 .3rem .4rem rgb(255 255 255 / .3); transition: box-shadow 60ms, transform 60ms }
#tap:focus-visible { outline-offset: .9rem }
#tap:hover { color: #fff; border-color: var(--card) }
#tap:active, #tap.down { transform: translateY(.25rem) scale(.985); box-shadow: inset 0 -.2rem 0 var(--press-edge), inset 0 .5rem .8rem rgb(0 0 0 / .35) }
#tap[data-state=resting] { filter: saturate(.35); cursor: default }
#count { font: 700 4.5rem/1 system-ui, sans-serif; font-variant-numeric: tabular-nums }
#word { font: 700 1.5rem/1.2 system-ui, sans-serif; letter-spacing: .02em }
#tap[data-state=ready] #count:empty { display: none }
#tap[data-state=ready] #count:empty + #word { font-size: 2.4rem }
#say { min-height: 3em; margin: 0; font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
.top { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 2px solid var(--ink); padding-bottom: .3rem }
.top h2 { margin: 0 }
#how { color: var(--soft); font: .875rem/1.4 system-ui, sans-serif }
#how::before { content: ''; display: inline-block; width: .55rem; height: .55rem; margin-right: .4rem; border-radius: 50%; background: var(--soft) }
#how:empty { visibility: hidden }
#how[data-how=live]::before { background: #2e9d4f }
table.scores { table-layout: fixed; font-size: 1rem }
.scores th, .scores td { padding: .45rem .5rem; vertical-align: middle }
.scores th { color: var(--soft); font-weight: 400; font-size: .8125rem; border-bottom: 0; padding-bottom: .1rem }
.scores th:first-child { width: 4rem }
.scores th:last-child { width: 4.5rem }
.scores th:last-child, .points { text-align: right }
.scores tbody tr { background: linear-gradient(90deg, var(--bar) calc(var(--share, 0) * 100%), transparent 0) }
.rank span { display: inline-grid; place-items: center; min-width: 1.7rem; height: 1.7rem; border-radius: 1rem; padding: 0 .3rem; font-variant-numeric: tabular-nums }
[data-rank='1'] .rank span { background: var(--gold); color: #241a00 }
[data-rank='2'] .rank span { background: var(--silver); color: #1a1c1f }
[data-rank='3'] .rank span { background: var(--bronze); color: #1d0f05 }
.who { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.points { font-weight: 700; font-variant-numeric: tabular-nums }
tr.mine .who { font-weight: 700; color: var(--accent) }
tr.mine td:first-child { box-shadow: inset .25rem 0 0 var(--accent) }
#own tr { background: none }
#own td { border-top: 2px dotted var(--soft) }
.scores .nobody { padding: 1.5rem .5rem; color: var(--soft); text-align: center }
#feed { list-style: none; margin: 0; padding: 0; font: .9375rem/1.5 system-ui, sans-serif }
#feed li { padding: .4rem .5rem; border-bottom: 1px dotted var(--line); overflow-wrap: anywhere }
#feed li.mine bdi { color: var(--accent); font-weight: 700 }
#feed .quiet { color: var(--soft); border: 0 }
@media (prefers-reduced-motion: no-preference) {
  tr.fresh { animation: fresh 1.6s ease-out }
  #feed li:first-child:not(.quiet) { animation: come .25s ease-out }
}
@keyframes fresh { from { background-color: var(--mark) } }
@keyframes come { from { opacity: 0; transform: translateY(-.4rem) } }
@media (max-width: 46rem) {
  .halves { grid-template-columns: minmax(0, 1fr); grid-template-rows: none; gap: 1.75rem; margin-top: 1rem }
  .play { grid-row: auto; padding: 1rem; position: static }
  .play .lead { margin-bottom: .75rem }
  #ring { width: min(78vw, 17rem); margin: 1rem auto .75rem }
  header { padding-top: .9rem; padding-bottom: .4rem }
  header p { margin-bottom: .4rem }
}
`
