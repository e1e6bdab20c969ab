import assert from 'node:assert/strict'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { test } from 'node:test'
import type { buildConnector } from 'undici'
import { guardedConnector } from '../../src/runtimes/node/outbound/connect.ts'
import { parseOutboundRules } from '../../src/runtimes/node/outbound/rules.ts'

type Lookup = (host: string, options: LookupOptions, done: (error: Error | null, addresses: string | LookupAddress[]) => void) => void

/** Takes the place of the sockets, so that public and private addresses can be named and none is reached: notes where one would go. */
function dial(names: Record<string, string[]>, allow: string[] = []) {
  const opened: string[] = []
  const build = ((socketOptions: { lookup: Lookup }) => (options: buildConnector.Options, callback: buildConnector.Callback) => {
    if (/^[\d.]+$|:/.test(options.hostname)) opened.push(options.hostname)
    else {
      socketOptions.lookup(options.hostname, { all: true }, (error, addresses) => {
        if (error) return callback(error, null)
        opened.push(...(addresses as LookupAddress[]).map(({ address }) => address))
        callback(new Error('no network here'), null)
      })
      return
    }
    callback(new Error('no network here'), null)
  }) as unknown as typeof buildConnector
  const connect = guardedConnector(build, { mode: 'public', allow: parseOutboundRules(allow), deny: [] }, (host, _options, done) => {
    done(null, (names[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
  })
  return async (url: string): Promise<string[] | string> => {
    const { hostname, host, port, protocol } = new URL(url)
    opened.length = 0
    const error = await new Promise<Error | null>((done) => connect({ hostname, host, port, protocol }, (...[failure]) => done(failure)))
    if (error && 'code' in error) return String(error.code)
    return [...opened]
  }
}

test('public addresses are connected to, by address and by name, all of them in their order', async () => {
  const open = dial({ 'news.test': ['1.1.1.1', '2606:4700:4700::1111'] })
  assert.deepEqual(await open('https://1.1.1.1/'), ['1.1.1.1'])
  assert.deepEqual(await open('http://[2606:4700:4700::1111]:8080/'), ['2606:4700:4700::1111'])
  assert.deepEqual(await open('https://news.test/'), ['1.1.1.1', '2606:4700:4700::1111'])
})

test('private networks and metadata services are refused before a socket is opened', async () => {
  const open = dial({})
  for (const host of [
    '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '169.254.170.2', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '100.100.100.200',
    '192.0.0.192', '168.63.129.16', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '[fe80::1]', '[fd00:ec2::254]', '[fc00::1]', '[ff02::1]',
    '[::a9fe:a9fe]', '[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '[2001::1]', '[2001:db8::1]', '[1::1]', '[4000::1]',
  ]) assert.equal(await open(`http://${host}/latest/meta-data/`), 'outbound_refused', host)
})

test('a name with one address that is not public among public ones is refused, wherever it stands', async () => {
  const open = dial({
    first: ['127.0.0.1', '1.1.1.1'], last: ['1.1.1.1', '8.8.8.8', '10.0.0.1'], mapped: ['1.1.1.1', '::ffff:127.0.0.1'], six: ['1.1.1.1', 'fd00::1'],
  })
  for (const name of ['first', 'last', 'mapped', 'six']) assert.equal(await open(`https://${name}/`), 'outbound_refused', name)
})

test('an allowed network completes a name that is public elsewhere; an allowed port is that port alone', async () => {
  const open = dial({ 'split.test': ['1.1.1.1', '10.0.0.1'] }, ['10.0.0.0/8:8443'])
  assert.deepEqual(await open('https://split.test:8443/'), ['1.1.1.1', '10.0.0.1'])
  assert.equal(await open('https://split.test/'), 'outbound_refused')
  assert.equal(await open('http://split.test:8080/'), 'outbound_refused')
})

test('a name without addresses is not found', async () => {
  assert.equal(await dial({})('https://nowhere.test/'), 'ENOTFOUND')
})
