import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { count, fadeTo, noCounters } from '../../functions/_news/ranking/counters.ts'
import { createLearner } from '../../bench/eval/clicks/learner.ts'
import { scoreOf, toVector } from '../../functions/_news/ranking/model.ts'
import { likeness, signalNames, signalsOf } from '../../functions/_news/ranking/signals.ts'
import { beginning } from '../../functions/_news/ranking/weights.ts'
import { centroid, rarity, taste, vectorOf } from '../../bench/eval/clicks/taste.ts'
import { termsOf, wordOdds } from '../../functions/_news/ranking/words.ts'

const hour = 3_600_000
const root = resolve(import.meta.dirname, '../..')
const facts = { counters: noCounters(0), ageMs: 0, coread: 0, opened: false, passed: 0, text: 0, words: 0, topic: 0, source: 0, follow: 0 }
const prior = { clicks: 99, views: 990 }

describe('the counters of a story', () => {
  test('fade by half in their half-lives and never otherwise', () => {
    const counters = noCounters(0)
    for (let i = 0; i < 8; i++) count(counters, 'clicks', 0)
    fadeTo(counters, 4 * hour)
    assert.deepEqual(counters.clicks.map((value) => Math.round(value * 1e5) / 1e5), [0.5, 4, 7.12719])
    fadeTo(counters, hour)
    assert.equal(counters.at, 4 * hour, 'a moment that is past changes nothing')
    assert.equal(counters.allClicks, 8)
  })

  test('what comes late counts as much as it would by now, whatever the order', () => {
    const [inOrder, late] = [noCounters(0), noCounters(0)]
    for (const at of [0, hour, 3 * hour]) count(inOrder, 'views', at)
    for (const at of [3 * hour, 0, hour]) count(late, 'views', at)
    for (const [i, value] of inOrder.views.entries()) assert.ok(Math.abs(value - late.views[i]!) < 1e-9)
  })
})

describe('the signals of a story', () => {
  const value = (name: (typeof signalNames)[number], of: Partial<typeof facts>) => signalsOf({ ...facts, ...of }, prior)[signalNames.indexOf(name)]!

  test('click-through is none of its own until it was shown, and comes near the truth with showings', () => {
    assert.equal(value('ctrEver', {}), 0)
    const shown = (views: number, clicks: number) => value('ctrEver', { counters: { ...noCounters(0), allViews: views, allClicks: clicks } })
    assert.ok(shown(10, 3) > 0 && shown(10, 3) < shown(1000, 300))
    assert.ok(Math.abs(shown(1e6, 3e5) - Math.log(3)) < 0.01)
    assert.ok(shown(100, 0) < 0)
  })

  test('older is less, more readers of the same is more', () => {
    assert.ok(value('age', { ageMs: hour }) > value('age', { ageMs: 2 * hour }))
    assert.equal(value('age', { ageMs: -hour }), value('age', {}), 'a time to come is now')
    assert.equal(likeness([{ together: 4, readers: 4 }], 4), 1)
    assert.equal(likeness([], 4), 0)
  })
})

describe('words', () => {
  const titles = ['Comet seen at dawn', 'Comet seen at dusk', 'Chess opening won', 'Chess endings lost'].map((title) => termsOf(title))
  const rare = rarity(titles)
  const vectors = titles.map((terms) => vectorOf(terms, rare))

  test('what was liked draws, what was skipped repels, and the rest is none of it', () => {
    const liked = centroid([{ vector: vectors[0]!, weight: 1 }])
    const skipped = centroid([{ vector: vectors[2]!, weight: 1 }])
    assert.ok(taste(vectors[1]!, liked, skipped) > 0)
    assert.ok(taste(vectors[3]!, liked, skipped) < 0)
    assert.equal(taste(vectorOf(termsOf('Figs in frost'), rare), liked, skipped), 0)
    assert.equal(taste(vectors[1]!, centroid([]), centroid([])), 0)
  })

  test('words that readers click have positive odds, unknown ones none', () => {
    const odds = wordOdds([{ terms: ['comet'], clicks: 30, skips: 10 }, { terms: ['chess'], clicks: 10, skips: 30 }])
    assert.ok(odds(['comet']) > 0 && odds(['chess']) < 0)
    assert.equal(odds(['figs']), 0)
    assert.equal(odds([]), 0)
  })

  test('commonest words, single letters and endings do not count; names are whole', () => {
    assert.deepEqual(termsOf('The telescopes of a Bruce', ['Bruce Springsteen']), ['telescop', 'bruce', '#bruce springsteen'])
  })
})

test('the learner finds what lists are clicked for, from any beginning, and learns nothing from a list that judges none', () => {
  const learner = createLearner([0, 0])
  for (let i = 0; i < 300; i++) learner.learn([[1, i % 3], [0, (i + 1) % 3], [0, (i + 2) % 3]], [true, false, false])
  assert.ok(learner.weights[0]! > 1 && Math.abs(learner.weights[1]!) < 0.2, String(learner.weights))
  assert.ok(scoreOf(learner.weights, [1, 0]) > scoreOf(learner.weights, [0, 2]))
  const before = [...learner.weights]
  learner.learn([[1, 1], [2, 2]], [true, true])
  learner.learn([[1, 1], [2, 2]], [false, false])
  assert.deepEqual(learner.weights, before)
})

test('every signal has a weight to begin with', () => {
  assert.ok(toVector(beginning).every(Number.isFinite))
  assert.deepEqual(Object.keys(beginning), signalNames)
})

describe('npm run eval', () => {
  const run = (folder: string, ...flags: string[]) =>
    JSON.parse(execFileSync(process.execPath, [join(root, 'bench/eval/ranking.ts'), folder, '--json', ...flags], { encoding: 'utf8' }).trim().split('\n').at(-1)!) as {
      impressions: number
      users: number
      rankers: Record<string, { auc: number; mrr: number; ndcg5: number; ndcg10: number }>
      paired: { auc: [number, number] }
    }
  const write = (files: Record<string, object[]>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'pressroom-eval-'))
    for (const [name, lines] of Object.entries(files)) writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')))
    return folder
  }
  const at = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString()
  const items = Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, sequence: i, title: `story ${i}`, category: i % 2 ? 'a' : 'b' }))

  test('a log whose clicks follow click-through is ranked by it, causally, and the last N alone are scored', () => {
    // Four in ten of the items are clicked whenever they are shown with others that are not.
    const events = Array.from({ length: 400 }, (_, i) => {
      const shown = Array.from({ length: 5 }, (_, j) => `i${(i * 7 + j * 3) % 40}`)
      return { type: 'impression', at: at(i), user: `u${i % 30}`, items: shown, clicked: shown.filter((item) => Number(item.slice(1)) % 5 === 0).slice(0, 1) }
    })
    const all = run(write({ items, events }))
    assert.ok(all.rankers['ours']!.auc > 0.85 && Math.abs(all.rankers['random']!.auc - 0.5) < 0.05, JSON.stringify(all.rankers))
    assert.ok(all.paired.auc[0] <= all.paired.auc[1])
    const last = run(write({ items, events }), '--last', '50')
    assert.ok(last.impressions <= 50 && last.impressions > 0)
    assert.ok(last.rankers['ours']!.auc >= all.rankers['ours']!.auc, 'later lists are known better')
    // What was not known before the first list cannot order it.
    assert.equal(run(write({ items: items.map(({ id }) => ({ id })), events: events.slice(0, 1).map((one) => ({ ...one, clicked: [one.items[3]] })) })).impressions, 1)
  })

  test('labels are judged in folds, user by user', () => {
    const labels = Array.from({ length: 200 }, (_, i) => ({ user: `u${i % 4}`, item: `i${(i >> 2) % 40}`, clicked: (i >> 2) % 2 === 0 }))
    const titled = items.map(({ id }, i) => ({ id, title: i % 2 === 0 ? `comet telescope ${i}` : `chess tournament ${i}` }))
    const { users, rankers } = run(write({ items: titled, labels }))
    assert.equal(users, 4)
    assert.ok(rankers['ours']!.auc > 0.95)
  })

  test('what is no log is told by file and line', () => {
    for (const [folder, words] of [[write({ items }), /expected events\.jsonl\.gz or labels\.jsonl\.gz/], [write({ items, events: [{ type: 'read', at: 'soon' }] }), /events\.jsonl\.gz:1: at: expected a time/]] as const) {
      assert.throws(() => execFileSync(process.execPath, [join(root, 'bench/eval/ranking.ts'), folder], { stdio: 'pipe' }), (error: { stderr: Buffer }) => words.test(error.stderr.toString()))
    }
  })

  const shared = join(root, '../shared/data/clicks')
  test('the floors hold on real logs', { skip: existsSync(shared) && process.env['PRESSROOM_TEST_LONG'] ? false : `needs ${shared}, in test:long` }, () => {
    const week = run(join(shared, 'ekstrabladet-week1'))
    assert.ok(week.rankers['ours']!.auc >= 0.722 && week.rankers['ours']!.ndcg10 >= 0.595 && week.paired.auc[0] > 0)
    assert.ok(run(join(shared, 'msn-5000'), '--last', '2000').rankers['ours']!.auc >= 0.61)
    assert.ok(run(join(shared, 'bing-titles')).rankers['ours']!.auc >= 0.64)
  })
})
