import { html } from 'hono/html'
import type { FunctionConfig } from 'pressroom'
import { periodOf, topOf } from './_arcade/board.ts'
import type { ArcadeEnv } from './_arcade/env.ts'
import { games } from './_arcade/games.ts'
import { script, style } from './_arcade/page/play.ts'
import { newsApp } from './_news/app.ts'
import { style as paper } from './_news/pages/style.ts'

export const config = {
  routes: ['GET /arcade', 'GET /arcade/play.js', 'GET /arcade/style.css'],
  memory: 128,
  env: ['ARCADE', 'CORS_ORIGINS'],
} satisfies FunctionConfig

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

const app = newsApp<ArcadeEnv>()

app.get('/arcade', async (c) => {
  const entries = await topOf(c.env.ARCADE, 'taps', games['taps']!, periodOf('day', Date.now()), 10)
  const rows = entries.map(({ rank, player, score }) => html`<tr><td>${rank}</td><td>${player}</td><td>${score}</td></tr>`)
  c.header('content-security-policy', policy)
  c.header('x-content-type-options', 'nosniff')
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Taps · Pressroom arcade</title>
<link rel="stylesheet" href="/arcade/style.css">
<link rel="icon" href="data:,">
<script src="/arcade/play.js" defer></script>
</head>
<body>
<header><a class="name" href="/arcade">Arcade</a><p>Five seconds, one button, one board for everybody.</p></header>
<main>
<h1>Taps</h1>
<div class="halves">
<section aria-label="Play"><form><p><label for="player">Your name</label></p><p><input id="player" type="text" required maxlength="64" autocomplete="nickname"></p></form>
<p><button id="tap" type="button">Start</button></p><p id="say" role="status">Press, then press as often as you can. The space bar will do.</p>
<noscript><p>To play takes script; the board is here without.</p></noscript></section>
<section aria-label="Board of today"><h2>Today</h2><table><thead><tr><th scope="col">Rank</th><th scope="col">Player</th><th scope="col">Taps</th></tr></thead>
<tbody id="board">${rows.length > 0 ? rows : html`<tr><td colspan="3">Nobody has played today. Be the first.</td></tr>`}</tbody></table></section>
<section aria-label="What happens"><h2>Just now</h2><ul id="feed"></ul></section>
</div>
</main>
</body>
</html>`)
})

app.get('/arcade/play.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/arcade/style.css', (c) => c.body(paper + style, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' }))

export default app
