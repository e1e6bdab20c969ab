/**
 * Images a second from upload to the last variant, and how long one upload takes to that, against plain sharp that makes the same
 * variants of the same files in one process and writes them to disk. Rounds alternate; figures are medians. CPU time an image, of
 * the host with all it started and of plain sharp, is what other work on the machine moves least.
 * `npm run bench:images`, `node bench/images.ts [--json] [--rounds 3] [--images 8] [--alone 10]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { formats, presets, quality, type Filter, type Format } from '../functions/_images/presets.ts'
import { startHost, until, type HostProcess } from '../test/journeys/host-process.ts'
import { send } from '../test/suites/images.suite.ts'
import { token } from '../test/suites/news-client.ts'
import { treeCpuMs } from './memory.ts'
import { quantile } from './open-load.ts'
import { median, short } from './wrk.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' }, images: { type: 'string', default: '8' }, alone: { type: 'string', default: '10' } },
})
const rounds = Number(values.rounds)
const images = Number(values.images)
const alone = Number(values.alone)
const secret = 'only for this measurement'
const ada = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
/** How many images plain sharp has in hand at once: as many as the host has instances for. */
const AT_ONCE = 2
const PATIENCE_MS = 600_000

/** One round; times in milliseconds. */
interface Round {
  host_per_s: number
  plain_per_s: number
  host_cpu_ms: number
  plain_cpu_ms: number
  alone_ms: number[]
  plain_alone_ms: number[]
}

/** Pictures of different sizes, each with large areas and some grain. */
async function makeFiles(): Promise<Buffer[]> {
  const sizes = [[3000, 2000], [1600, 1200], [1200, 1600], [2400, 1350]] as const
  return Promise.all(sizes.map(async ([width, height], index) => {
    const grain = await sharp({ create: { width, height, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 40, sigma: 8 } } }).png().toBuffer()
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g"><stop stop-color="#e63"/><stop offset="1" stop-color="#14${index}"/></linearGradient></defs>
      <rect width="100%" height="100%" fill="url(#g)"/><circle cx="40%" cy="50%" r="20%" fill="#fe${index}"/></svg>`
    return sharp(Buffer.from(drawing)).composite([{ input: grain, blend: 'soft-light' }]).jpeg({ quality: 88 }).toBuffer()
  }))
}

let made = 0
/** The same picture as a file of its own: what stands behind its end counts for nothing but its name. */
function copyOf(files: Buffer[], index: number): Buffer {
  return Buffer.concat([files[index % files.length]!, Buffer.from(`copy ${made++}`)])
}

function filtered(image: Sharp, filter: Filter): Sharp {
  if (filter === 'crisp') return image.sharpen({ sigma: 0.6 })
  return filter === 'grey' ? image.modulate({ saturation: 0 }) : image
}

function encoded(image: Sharp, format: Format): Sharp {
  if (format === 'avif') return image.avif({ quality: quality.avif, effort: 2 })
  return format === 'webp' ? image.webp({ quality: quality.webp, effort: 3 }) : image.jpeg({ quality: quality.jpeg, progressive: true })
}

async function plainly(file: Buffer, folder: string): Promise<void> {
  for (const { name, width, filter } of presets) {
    for (const format of formats) {
      const image = filtered(sharp(file).autoOrient().resize({ width, height: width * 2, fit: 'inside', withoutEnlargement: true }), filter)
      writeFileSync(join(folder, `${name}.${format}`), await encoded(image.keepIccProfile(), format).toBuffer())
    }
  }
}

async function lanes(count: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0
  const began = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await work(next++)
  }))
  return (count / (performance.now() - began)) * 1000
}

async function ready(host: HostProcess, id: string): Promise<void> {
  await until(`image ${id}`, async () => {
    const { status } = (await (await fetch(`${host.url}/images/${id}`)).json()) as { status: string }
    if (status === 'refused') throw new Error(`image ${id} was refused`)
    return status === 'ready'
  }, PATIENCE_MS)
}

async function throughHost(host: HostProcess, files: Buffer[]): Promise<number> {
  const began = performance.now()
  const ids = await Promise.all(Array.from({ length: images }, (_, index) => send(host.url, new Uint8Array(copyOf(files, index)), ada)))
  // One after the other: asking for all at once would be a load of its own.
  for (const id of ids) await ready(host, id)
  return (images / (performance.now() - began)) * 1000
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const folder = mkdtempSync(join(tmpdir(), 'pressroom-images-'))
try {
  sharp.cache(false)
  const files = await makeFiles()
  const host = await startHost({ functions: 'functions', data: join(folder, 'data'), env: { READER_SECRET: secret, SOURCES: 'asset:/none.opml' } })
  const done: Round[] = []
  let memory: number[] = []
  try {
    await ready(host, await send(host.url, new Uint8Array(copyOf(files, 1)), ada))
    await plainly(files[1]!, folder)
    for (let round = 0; round < rounds; round++) {
      const order = [() => throughHost(host, files), () => lanes(images, (index) => plainly(copyOf(files, index), folder))] as const
      const first = round % 2
      const rates: [number, number] = [0, 0]
      const cpu: [number, number] = [0, 0]
      const clocks = [() => treeCpuMs(host.child.pid!), ownCpuMs]
      for (const which of [first, 1 - first]) {
        const before = clocks[which]!()
        rates[which] = await order[which]!()
        cpu[which] = (clocks[which]!() - before) / images
      }
      const one: Round = { host_per_s: rates[0], plain_per_s: rates[1], host_cpu_ms: cpu[0], plain_cpu_ms: cpu[1], alone_ms: [], plain_alone_ms: [] }
      for (let i = 0; i < alone; i++) {
        one.alone_ms.push(await timed(async () => ready(host, await send(host.url, new Uint8Array(copyOf(files, i)), ada))))
        one.plain_alone_ms.push(await timed(() => plainly(copyOf(files, i), folder)))
      }
      done.push(one)
      if (!values.json) console.log(`round ${round}: ${short(one.host_per_s, 2)} images/s, plain sharp ${short(one.plain_per_s, 2)}`)
    }
    memory = (await host.admin<{ invocations: { max_memory_mb: number }[] }>('/invocations?function=images&limit=1000')).invocations.map((call) => call.max_memory_mb)
  } finally {
    await host.stop()
  }
  const [took, plain] = [done.flatMap((round) => round.alone_ms), done.flatMap((round) => round.plain_alone_ms)]
  const result = {
    rounds,
    images,
    files: files.length,
    variants: presets.length * formats.length,
    images_per_s: short(median(done.map((round) => round.host_per_s)), 2),
    plain_per_s: short(median(done.map((round) => round.plain_per_s)), 2),
    ratio: short(median(done.map((round) => round.host_per_s / round.plain_per_s)), 2),
    cpu_ms: short(median(done.map((round) => round.host_cpu_ms)), 3),
    plain_cpu_ms: short(median(done.map((round) => round.plain_cpu_ms)), 3),
    cpu_ratio: short(median(done.map((round) => round.plain_cpu_ms / round.host_cpu_ms)), 3),
    alone_p50_ms: short(quantile(took, 0.5), 2),
    alone_p99_ms: short(quantile(took, 0.99), 2),
    plain_p50_ms: short(quantile(plain, 0.5), 2),
    plain_p99_ms: short(quantile(plain, 0.99), 2),
    p99_ratio: short(quantile(took, 0.99) / quantile(plain, 0.99), 2),
    instance_mib: { half: short(median(memory), 3), most: short(Math.max(...memory), 3) },
  }
  console.log(values.json ? JSON.stringify(result) : result)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
