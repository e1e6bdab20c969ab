import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, type HostProcess } from './host-process.ts'
import { sendRaw } from './raw-client.ts'

const folder = makeFunctionFolder('functions/echo', 'functions/hello')
let host: HostProcess
before(async () => {
  host = await startHost(folder)
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

/** What an attacker hides behind the ambiguous request: served, it would be a second answer. */
const hidden = 'GET /hello HTTP/1.1\r\nhost: h\r\n\r\n'
const post = 'POST /echo HTTP/1.1\r\nhost: h\r\n'
const chunked = `${post}transfer-encoding: chunked\r\n\r\n`

const ambiguous: Record<string, string> = {
  'content-length and transfer-encoding': `${post}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'transfer-encoding and content-length': `${post}transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n`,
  'content-length twice, the same': `${post}content-length: 2\r\ncontent-length: 2\r\n\r\nok`,
  'content-length twice, different': `${post}content-length: 2\r\ncontent-length: 3\r\n\r\nok`,
  'content-length as a list': `${post}content-length: 2, 2\r\n\r\nok`,
  'content-length with a plus': `${post}content-length: +2\r\n\r\nok`,
  'content-length with a minus': `${post}content-length: -2\r\n\r\nok`,
  'content-length in hexadecimal': `${post}content-length: 0x2\r\n\r\nok`,
  'content-length in two words': `${post}content-length: 2 2\r\n\r\nok`,
  'content-length with an exponent': `${post}content-length: 2e0\r\n\r\nok`,
  'content-length with a fraction': `${post}content-length: 2.0\r\n\r\nok`,
  'content-length without a number': `${post}content-length:\r\n\r\nok`,
  'content-length beyond 64 bits': `${post}content-length: 18446744073709551618\r\n\r\nok`,
  'transfer-encoding of another name': `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'transfer-encoding identity': `${post}transfer-encoding: identity\r\n\r\n0\r\n\r\n`,
  'chunked, identity': `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'identity, chunked': `${post}transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n`,
  'gzip, chunked': `${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunked, chunked': `${post}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'chunked with a parameter': `${post}transfer-encoding: chunked;q=1\r\n\r\n0\r\n\r\n`,
  'chunked in quotes': `${post}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n`,
  'chunked behind a vertical tab': `${post}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunked before a NUL': `${post}transfer-encoding: chunked\0\r\n\r\n0\r\n\r\n`,
  'transfer-encoding twice': `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'transfer-encoding twice, one unknown': `${post}transfer-encoding: chunked\r\ntransfer-encoding: cow\r\n\r\n0\r\n\r\n`,
  'transfer-encoding without a value': `${post}transfer-encoding:\r\n\r\n0\r\n\r\n`,
  'a space before the colon': `${post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`,
  'a tab before the colon': `${post}content-length\t: 2\r\n\r\nok`,
  'a folded value': `${post}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n`,
  'a folded header': `${post}x: a\r\n content-length: 2\r\n\r\nok`,
  'a space before the first header': 'POST /echo HTTP/1.1\r\n host: h\r\ncontent-length: 2\r\n\r\nok',
  'a bare LF between headers': 'POST /echo HTTP/1.1\r\nhost: h\ncontent-length: 2\r\n\r\nok',
  'a bare LF after the request line': 'POST /echo HTTP/1.1\nhost: h\r\ncontent-length: 2\r\n\r\nok',
  'a bare LF at the end of the head': `${post}content-length: 2\r\n\nok`,
  'a bare CR in a value': `${post}x: a\rcontent-length: 2\r\n\r\nok`,
  'a NUL in a value': `${post}x: a\0b\r\n\r\n`,
  'a NUL in a name': `${post}x\0: a\r\n\r\n`,
  'a header without a colon': `${post}content-length 2\r\n\r\nok`,
  'a header without a name': `${post}: 2\r\n\r\nok`,
  'chunked in HTTP/1.0': 'POST /echo HTTP/1.0\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a chunk size with 0x': `${chunked}0x2\r\nok\r\n0\r\n\r\n`,
  'a chunk size with a minus': `${chunked}-2\r\nok\r\n0\r\n\r\n`,
  'a chunk size with a plus': `${chunked}+2\r\nok\r\n0\r\n\r\n`,
  'a chunk size behind a space': `${chunked} 2\r\nok\r\n0\r\n\r\n`,
  'a chunk size with an underscore': `${chunked}0_2\r\nok\r\n0\r\n\r\n`,
  'a chunk size beyond 64 bits': `${chunked}10000000000000002\r\nok\r\n0\r\n\r\n`,
  'a chunk without a size': `${chunked}\r\nok\r\n0\r\n\r\n`,
  'a chunk size that ends in a bare LF': `${chunked}2\nok\r\n0\r\n\r\n`,
  'a chunk that is longer than it says': `${chunked}2\r\nokay\r\n0\r\n\r\n`,
  'a chunk that ends in a bare LF': `${chunked}2\r\nok\n0\r\n\r\n`,
  'a chunk extension with a bare LF': `${chunked}2;a\nok\r\n0\r\n\r\n`,
  'a chunk extension with a NUL': `${chunked}2;a=\0\r\nok\r\n0\r\n\r\n`,
  'a chunk extension of 20 KB': `${chunked}2;${'a'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`,
  'a content-length in the trailer': `${chunked}2\r\nok\r\n0\r\ncontent-length: 40\r\n\r\n`,
  'no host': 'GET /hello HTTP/1.1\r\n\r\n',
  'two hosts': 'GET /hello HTTP/1.1\r\nhost: h\r\nhost: i\r\n\r\n',
  'two hosts, the same': 'GET /hello HTTP/1.1\r\nhost: h\r\nHost: h\r\n\r\n',
  'a host with user information': 'GET /hello HTTP/1.1\r\nhost: a@h\r\n\r\n',
  'a host with a path': 'GET /hello HTTP/1.1\r\nhost: h/x\r\n\r\n',
  'a host that is a list': 'GET /hello HTTP/1.1\r\nhost: h, i\r\n\r\n',
  'a host no URL can have': 'GET /hello HTTP/1.1\r\nhost: h:99999\r\n\r\n',
  'an empty host': 'GET /hello HTTP/1.1\r\nhost:\r\n\r\n',
  'an absolute target': 'GET http://evil.example/hello HTTP/1.1\r\nhost: h\r\n\r\n',
  'an authority as target': 'GET evil.example:80 HTTP/1.1\r\nhost: h\r\n\r\n',
  'a target without its slash': 'GET hello HTTP/1.1\r\nhost: h\r\n\r\n',
  'a target with a space': 'GET /hel lo HTTP/1.1\r\nhost: h\r\n\r\n',
  'a target with a fragment': 'GET /hello#x HTTP/1.1\r\nhost: h\r\n\r\n',
  'a target with a NUL': 'GET /hello\0 HTTP/1.1\r\nhost: h\r\n\r\n',
  'HTTP/2.0': 'GET /hello HTTP/2.0\r\nhost: h\r\n\r\n',
  'HTTP/1.2': 'GET /hello HTTP/1.2\r\nhost: h\r\n\r\n',
  'HTTP/0.9 with headers': 'GET /hello HTTP/0.9\r\nhost: h\r\n\r\n',
  'a request line without a version': 'GET /hello\r\nhost: h\r\n\r\n',
  'a method in lower case': 'get /hello HTTP/1.1\r\nhost: h\r\n\r\n',
  'a method nobody knows': 'HELLO /hello HTTP/1.1\r\nhost: h\r\n\r\n',
  'another protocol': 'GET /hello ICE/1.0\r\nhost: h\r\n\r\n',
  'bytes that are no HTTP': '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
}

describe('an ambiguous request gets 400 and no second answer, and its connection is closed', () => {
  for (const [name, words] of Object.entries(ambiguous)) {
    test(name, async () => {
      const { text, statuses, closed } = await sendRaw(host.url, words + hidden)
      assert.deepEqual([statuses, closed], [[400], true], text)
      const [head = '', body = ''] = text.split('\r\n\r\n')
      assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/)
      assert.match(head, /\r\ndate: \w{3}, \d\d \w{3} \d{4} /i)
      assert.match(head, /\r\nconnection: close/i)
      assert.equal((JSON.parse(body) as ErrorBody).error.code, 'bad_request')
    })
  }
})

describe('what is plain is served, and so is the request behind it', () => {
  const plain: Record<string, [words: string, body: string]> = {
    'chunked in capitals': [`${post}Transfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok'],
    'white space around chunked': [`${post}transfer-encoding: \t chunked \r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok'],
    'a chunk extension': [`${chunked}2;name=value\r\nok\r\n0\r\n\r\n`, 'ok'],
    'a trailer, which never becomes a header': [`${chunked}2\r\nok\r\n0\r\nx-secret: 1\r\n\r\n`, 'ok'],
    'zeros before a length': [`${post}content-length: 002\r\n\r\nok`, 'ok'],
    'an empty line before the request': [`\r\n${post}content-length: 2\r\n\r\nok`, 'ok'],
  }
  for (const [name, [words, body]] of Object.entries(plain)) {
    test(name, async () => {
      const { text, statuses } = await sendRaw(host.url, words + hidden.replace('host: h', 'host: h\r\nconnection: close'))
      assert.deepEqual(statuses, [200, 200], text)
      assert.ok(text.includes(`\r\n\r\n${body}`) || text.includes(`\r\n${body}\r\n`), text)
      assert.ok(!text.includes('x-secret'))
    })
  }
})

test('the operator’s port is as strict', async () => {
  for (const name of ['no host', 'two hosts', 'an absolute target', 'gzip, chunked', 'bytes that are no HTTP', 'a bare LF between headers']) {
    const { text, statuses, closed } = await sendRaw(host.adminUrl, ambiguous[name]! + hidden)
    assert.deepEqual([name, statuses, closed], [name, [400], true], text)
    assert.equal((JSON.parse(text.split('\r\n\r\n')[1]!) as ErrorBody).error.code, 'bad_request')
  }
})

test('nothing hidden behind an ambiguous request was ever run', async () => {
  const { functions } = await host.admin<{ functions: { name: string; totals: { invocations: number } }[] }>('/functions')
  const runs = functions.find(({ name }) => name === 'hello')!.totals.invocations
  // Those behind the plain ones, and no others.
  assert.equal(runs, 6)
})
