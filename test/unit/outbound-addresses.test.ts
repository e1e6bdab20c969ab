import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicAddress } from '../../src/runtimes/node/outbound/addresses.ts'

const PUBLIC = [
  '1.1.1.1', '8.8.8.8', '93.184.215.14', '172.15.255.255', '172.32.0.0', '11.0.0.1', '100.63.255.255', '100.128.0.1', '168.63.129.15',
  '192.169.0.1', '198.17.255.255', '198.20.0.1', '223.255.255.255',
  '2001:4860:4860::8888', '2606:4700:4700::1111', '2a00:1450:4001:82f::200e', '2620:fe::fe',
]
const NOT_PUBLIC: Record<string, string[]> = {
  'this network': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  'private use': ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  'carrier NAT and its metadata services': ['100.64.0.1', '100.100.100.200', '100.127.255.255'],
  'link-local and its metadata services': ['169.254.0.1', '169.254.169.254', '169.254.170.2', 'fe80::1', 'febf::1'],
  'services inside one cloud': ['168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'],
  'documentation and measuring': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '2001:db8::1', '3fff::1'],
  'multicast, broadcast, reserved': ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', 'ff02::1', 'ff0e::1'],
  'relays and sinks': ['192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1'],
  'unique local and old site local': ['fc00::1', 'fdff::1', 'fec0::1'],
  'IPv4 inside IPv6': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '::7f00:1', '::a9fe:a9fe', '::ffff:0:7f00:1'],
  'translated and tunnelled IPv4': ['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2001::1', '2001:0:7f00:1::'],
  'outside of 2000::/3': ['1::1', '100::1', '4000::1', '5f00::1', 'e000::1'],
  'no address at all': ['', 'localhost', '1.1.1', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '1.1.1.1 ', 'fe80::1%eth0'],
}

test('addresses of the public internet are public', () => {
  for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address)
})

for (const [kind, addresses] of Object.entries(NOT_PUBLIC)) {
  test(`not public: ${kind}`, () => {
    for (const address of addresses) assert.equal(isPublicAddress(address), false, address)
  })
}
