import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { judgeAddress } from '../../src/runtimes/node/outbound/judge.ts'
import { parseOutboundRules } from '../../src/runtimes/node/outbound/rules.ts'

/** The code of the refusal, or `reached`. */
function judge(rules: { allow?: string[]; deny?: string[]; mode?: 'none' }, host: string, address: string, port: number): string {
  const policy = { mode: rules.mode ?? ('public' as const), allow: parseOutboundRules(rules.allow ?? []), deny: parseOutboundRules(rules.deny ?? []) }
  return judgeAddress(policy, host, address, port)?.code ?? 'reached'
}

test('a host entry allows that name at every port, a host with a port at that port', () => {
  assert.equal(judge({ allow: ['news.lan'] }, 'news.lan', '10.0.0.1', 8080), 'reached')
  assert.equal(judge({ allow: ['News.LAN.'] }, 'news.lan', '10.0.0.1', 80), 'reached')
  assert.equal(judge({ allow: ['news.lan'] }, 'NEWS.lan.', '10.0.0.1', 80), 'reached')
  assert.equal(judge({ allow: ['news.lan:8080'] }, 'news.lan', '10.0.0.1', 8080), 'reached')
  assert.equal(judge({ allow: ['news.lan:8080'] }, 'news.lan', '10.0.0.1', 80), 'outbound_refused')
  assert.equal(judge({ allow: ['news.lan'] }, 'evil.news.lan', '10.0.0.1', 80), 'outbound_refused')
  assert.equal(judge({ allow: ['news.lan'] }, '10.0.0.1', '10.0.0.1', 80), 'outbound_refused')
})

test('an address or network entry allows whatever name leads there', () => {
  assert.equal(judge({ allow: ['127.0.0.1:3000'] }, 'localhost', '127.0.0.1', 3000), 'reached')
  assert.equal(judge({ allow: ['127.0.0.1:3000'] }, 'localhost', '127.0.0.1', 3001), 'outbound_refused')
  assert.equal(judge({ allow: ['127.0.0.1'] }, 'localhost', '127.0.0.2', 80), 'outbound_refused')
  assert.equal(judge({ allow: ['10.0.0.0/8'] }, 'a.lan', '10.9.8.7', 80), 'reached')
  assert.equal(judge({ allow: ['10.0.0.0/8:8080'] }, 'a.lan', '10.9.8.7', 8080), 'reached')
  assert.equal(judge({ allow: ['10.0.0.0/8:8080'] }, 'a.lan', '10.9.8.7', 80), 'outbound_refused')
  assert.equal(judge({ allow: ['10.0.0.0/8'] }, 'a.lan', '::ffff:10.9.8.7', 80), 'reached')
  assert.equal(judge({ allow: ['fd00::/8'] }, 'a.lan', 'fd12::1', 80), 'reached')
  assert.equal(judge({ allow: ['[fd00::/8]:443'] }, 'a.lan', 'fd12::1', 443), 'reached')
  assert.equal(judge({ allow: ['fd00::/8:443'] }, 'a.lan', 'fd12::1', 80), 'outbound_refused')
  assert.equal(judge({ allow: ['::1'] }, 'localhost', '::1', 80), 'reached')
  assert.equal(judge({ allow: ['[::1]:80'] }, 'localhost', '::1', 81), 'outbound_refused')
  assert.equal(judge({ allow: ['0.0.0.0/0'] }, 'localhost', '::1', 80), 'outbound_refused')
})

test('a denied port of this machine stays out of reach under every spelling and every allow entry', () => {
  const rules = { allow: ['0.0.0.0/0', '::/0', 'localhost', 'admin.test'], deny: ['127.0.0.1:8788'] }
  for (const address of ['127.0.0.1', '127.0.0.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
    assert.equal(judge(rules, 'admin.test', address, 8788), 'outbound_refused', address)
    assert.equal(judge(rules, 'admin.test', address, 8787), 'reached', address)
  }
  assert.equal(judge(rules, 'other', '10.0.0.1', 8788), 'reached')
})

test('a denied 0.0.0.0 or name stands for every address of this machine', () => {
  const own = Object.values(networkInterfaces()).flat().flatMap((card) => (card ? [card.address] : []))
  assert.ok(own.length > 0)
  for (const deny of ['0.0.0.0:8788', '[::]:8788', 'box.lan:8788']) {
    for (const address of own) assert.equal(judge({ allow: ['0.0.0.0/0', '::/0'], deny: [deny] }, 'x', address, 8788), 'outbound_refused', `${deny} ${address}`)
    assert.equal(judge({ allow: [], deny: [deny] }, 'x', '1.1.1.1', 8788), 'reached')
  }
})

test('outbound: none refuses public and allowed addresses alike, and says what to change', () => {
  const policy = { mode: 'none' as const, allow: parseOutboundRules(['1.1.1.1']), deny: [] }
  const refusal = judgeAddress(policy, '1.1.1.1', '1.1.1.1', 443)
  assert.equal(refusal?.code, 'outbound_refused')
  assert.match(refusal?.message ?? '', /1\.1\.1\.1:443.*outbound: 'public'/)
})

test('a refusal names host, address and the way out', () => {
  const refusal = judgeAddress({ mode: 'public', allow: [], deny: [] }, 'feeds.lan', '10.1.2.3', 8080)
  assert.match(refusal?.message ?? '', /feeds\.lan:8080 \(10\.1\.2\.3\).*--allow-outbound feeds\.lan:8080/)
})

test('the way out for an IPv6 address can be given to the option as it is told', () => {
  const refusal = judgeAddress({ mode: 'public', allow: [], deny: [] }, 'fd00::1', 'fd00::1', 8080)
  const told = /--allow-outbound (\S+)$/.exec(refusal?.message ?? '')?.[1]
  assert.equal(told, '[fd00::1]:8080')
  assert.equal(judgeAddress({ mode: 'public', allow: parseOutboundRules([told]), deny: [] }, 'fd00::1', 'fd00::1', 8080), undefined)
})

test('an entry that cannot be read is refused with the entry and the expected form', () => {
  const bad = [
    '', ' ', ':80', 'a b', 'http://news.lan', 'news.lan/path', '*.lan', '*', 'news.lan:', 'news.lan:0', 'news.lan:65536', 'news.lan:http', '10.0.0.0/33',
    '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', '[::1', '[::1]80', '[::1]:x', '10.0.0', '300.1.1.1', '-a.lan', 'user@news.lan',
  ]
  for (const entry of bad) {
    assert.throws(() => parseOutboundRules([entry]), { code: 'bad_option', message: /--allow-outbound: ".*" .*expected HOST\[:PORT\]/ }, JSON.stringify(entry))
  }
})
