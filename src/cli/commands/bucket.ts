import { createReadStream, createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { createBucketClient } from '../../admin/client/buckets.ts'
import { columns } from '../table.ts'

/** Adds `bucket`: the objects of a running host's buckets. */
export function registerBucket(program: Command): void {
  const bucket = program.command('bucket').description('list, put, get and delete the objects of a running host')
  bucket.command('list [bucket] [prefix]')
    .description('list buckets, or the objects of one')
    .option('--json', 'print JSON', false)
    .action(async (name: string | undefined, prefix: string | undefined, { json }: { json: boolean }) => {
      const client = createBucketClient(process.env)
      if (name === undefined) {
        const buckets = await client.buckets()
        process.stdout.write(`${json ? JSON.stringify({ buckets }, null, 2) : buckets.length === 0 ? 'no bucket has an object' : columns([['BUCKET', 'OBJECTS', 'BYTES'], ...buckets.map((one) => [one.bucket, String(one.objects), String(one.bytes)])])}\n`)
        return
      }
      const objects = await client.objects(name, prefix ?? '')
      const rows = objects.map(({ key, size, etag, uploaded }) => [key, String(size), etag, uploaded])
      process.stdout.write(`${json ? JSON.stringify({ objects }, null, 2) : rows.length === 0 ? 'no object' : columns([['KEY', 'BYTES', 'ETAG', 'UPLOADED'], ...rows])}\n`)
    })
  bucket.command('put <bucket> <file> [key]')
    .description('put a file (- for standard input) under a key, by default its name')
    .option('--type <content-type>', 'content type that is kept with it')
    .action(async (name: string, file: string, key: string | undefined, { type }: { type?: string }) => {
      const content = Readable.toWeb(file === '-' ? process.stdin : createReadStream(file)) as ReadableStream<Uint8Array>
      const { size, etag } = await createBucketClient(process.env).put(name, key ?? basename(file), content, type)
      process.stdout.write(`${size} bytes, etag ${etag}\n`)
    })
  bucket.command('get <bucket> <key> [file]')
    .description('write an object to a file, by default to standard output')
    .action(async (name: string, key: string, file: string | undefined) => {
      const content = await createBucketClient(process.env).get(name, key)
      await pipeline(Readable.fromWeb(content as never), file === undefined ? process.stdout : createWriteStream(file), { end: file !== undefined })
    })
  bucket.command('delete <bucket> <key>')
    .description('delete an object')
    .action(async (name: string, key: string) => {
      process.stdout.write((await createBucketClient(process.env).delete(name, key)) ? `${key} is deleted\n` : `there was no ${key}\n`)
    })
}
