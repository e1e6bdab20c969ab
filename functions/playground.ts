import { html } from 'hono/html'
import type { FunctionConfig } from 'pressroom'
import { periodOf, topOf } from './_arcade/board.ts'
import type { ArcadeEnv } from './_arcade/env.ts'
import { games } from './_arcade/games.ts'
import { script } from './_arcade/page/script.ts'
import { style } from './_arcade/page/style.ts'
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
  const rows = entries.map(({ rank, player, score }) => html`<tr data-rank="${rank}"><td class="rank"><span>${rank}</span></td><td class="who"><bdi>${player}</bdi></td><td class="points">${score}</td></tr>`)
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
<div class="halves">
<section class="play" aria-label="Play">
<h1>Taps</h1>
<p class="lead">Press it as often as you can.</p>
<form id="who"><label for="player">Your name</label><input id="player" type="text" required maxlength="64" autocomplete="nickname" enterkeyhint="go"></form>
<div id="ring" data-state="ready"><button id="tap" type="button" data-state="ready"><span id="count" aria-hidden="true"></span><span id="word">Start</span></button></div>
<p id="say" role="status">Press to start, then tap: finger, mouse or space bar.</p>
<noscript><p>To play takes script; the board is here without.</p></noscript>
</section>
<section aria-label="Board of today"><div class="top"><h2>Today</h2><span id="how"></span></div>
<table class="scores"><thead><tr><th scope="col">Rank</th><th scope="col">Player</th><th scope="col">Taps</th></tr></thead>
<tbody id="board">${rows.length > 0 ? rows : html`<tr><td class="nobody" colspan="3">Nobody has played today. Be the first.</td></tr>`}</tbody><tfoot id="own"></tfoot></table></section>
<section aria-label="What happens"><div class="top"><h2>Just now</h2></div><ul id="feed"><li class="quiet">Quiet so far. Rounds of others show here as they happen.</li></ul></section>
</div>
</main>
<footer>Days are those of UTC. The board is <a href="/games/taps/leaderboard?window=day">open to programs</a>, too; back to <a href="/">the front page</a>.</footer>
</body>
</html>`)
})

app.get('/arcade/play.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/arcade/style.css', (c) => c.body(paper + style, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' }))

export default app
