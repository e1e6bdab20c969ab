#!/usr/bin/env node
// Finds a Node that can run the host and becomes it, or starts it as a child that lives no longer than this process.
// Plain old JavaScript: it must at least say what is wrong on a Node that is far too old.
import { spawn } from 'child_process'
import { existsSync, readFileSync } from 'fs'
import { constants } from 'os'
import { dirname, join } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

// The same as in src/runtimes/node/node-version.ts.
const oldestNode = [24, 18, 1]
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// Node refuses TypeScript under node_modules, and a stale dist beside the source must not be run instead of it.
const source = join(root, 'src', 'cli', 'main.ts')
const inPackages = root.split(/[\\/]/).indexOf('node_modules') !== -1
const main = !inPackages && existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js')

if (isSuitable(process.versions.node)) {
  void import(pathToFileURL(main).href)
} else {
  const node = findNode()
  if (node) run(node)
  else {
    console.error(
      'pressroom: Node.js ' + process.versions.node + ' is too old, ' + oldestNode.join('.') + ' or newer is needed. The one that comes with ' +
      'Pressroom (' + packageNames().join(' or ') + ') is not installed: run `npm install` without --omit=optional, or use a newer Node.js.'
    )
    process.exitCode = 1
  }
}

function isSuitable(version) {
  const found = version.split('.').map(function (part) { return parseInt(part, 10) })
  for (let i = 0; i < oldestNode.length; i++) {
    if (found[i] !== oldestNode[i]) return found[i] > oldestNode[i]
  }
  return true
}

function packageNames() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  return ['node-' + platform + '-' + process.arch, 'node-bin-' + platform + '-' + process.arch]
}

// Looks through the node_modules of every folder from this file's upwards.
function findNode() {
  for (let folder = root, last = ''; folder !== last; last = folder, folder = dirname(folder)) {
    for (const name of packageNames()) {
      const place = join(folder, 'node_modules', name)
      try {
        const about = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
        const file = join(place, typeof about.bin === 'string' ? about.bin : about.bin.node)
        if (isSuitable(about.version) && existsSync(file)) return file
      } catch {
        // Not here; perhaps further up.
      }
    }
  }
}

function run(node) {
  // The child watches descriptor 3: when this process is gone, however it went, the pipe closes and the host ends.
  const child = spawn(node, [main].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: Object.assign({}, process.env, { PRESSROOM_LAUNCHER_FD: '3' }),
  })
  const forward = function (signal) { child.kill(signal) }
  const signals = ['SIGINT', 'SIGTERM']
  signals.forEach(function (signal) { process.on(signal, forward) })
  child.on('error', function (error) {
    console.error('pressroom: cannot start ' + node + ': ' + error.message)
    process.exitCode = 1
  })
  child.on('exit', function (code, signal) {
    // By number, as a shell reports it: ending by the same signal would run into this file's own handlers.
    process.exit(signal ? 128 + constants.signals[signal] : code)
  })
}
