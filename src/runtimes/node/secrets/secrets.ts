import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { PressroomError } from '../../../contract/errors.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import type { HostDatabase } from '../store/database.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The way to a key, for messages. */
const MAKE_KEY = 'make one with `openssl rand -base64 32` and set PRESSROOM_SECRET_KEY to it'

interface Sealed {
  name: string
  at: number
  sealed: Uint8Array
}

/**
 * Reads the key that secrets are encrypted with: 32 bytes as base64 or hexadecimal; undefined when there is none.
 * @throws PressroomError `bad_option`
 */
export function readSecretKey(text: string | undefined): Buffer | undefined {
  if (text === undefined || text === '') return undefined
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length === KEY_BYTES) return key
  throw new PressroomError('bad_option', `PRESSROOM_SECRET_KEY: expected ${KEY_BYTES} bytes as base64 or hexadecimal, found ${key.length}; ${MAKE_KEY}`)
}

/** Secrets in the host's store, each sealed by AES-256-GCM with a nonce of its own and bound to its name: rows cannot be exchanged. */
export async function openSecrets(database: HostDatabase, key: Buffer | undefined, clock: Pick<Clock, 'now'>): Promise<Secrets> {
  const kept = new Map((await database.all<Sealed & Record<string, never>>('SELECT name, at, sealed FROM secrets ORDER BY name')).map((row) => [row.name as string, row as Sealed]))
  return {
    names: () => [...kept.values()].map(({ name, at }) => ({ name, at })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    async put(name, value) {
      if (!key) throw new PressroomError('conflict', `this host has no key to keep secrets with: ${MAKE_KEY}, then start it again`)
      const row = { name, at: Math.round(clock.now()), sealed: seal(key, name, value) }
      await database.run('INSERT INTO secrets (name, at, sealed) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = ?2, sealed = ?3', name, row.at, row.sealed)
      kept.set(name, row)
    },
    async delete(name) {
      await database.run('DELETE FROM secrets WHERE name = ?', name)
      kept.delete(name)
    },
    value(name) {
      const row = kept.get(name)
      if (!row) return undefined
      if (!key) throw new PressroomError('bad_config', `the secret ${name} is encrypted: set PRESSROOM_SECRET_KEY to the key it was put with`)
      return unseal(key, row)
    },
  }
}

function seal(key: Buffer, name: string, value: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name))
  return Uint8Array.from(Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]))
}

function unseal(key: Buffer, { name, sealed }: Sealed): string {
  try {
    const bytes = Buffer.from(sealed)
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new PressroomError('bad_config', `the secret ${name} cannot be decrypted: PRESSROOM_SECRET_KEY is not the key it was put with, or the record was changed; set the right key, or put the secret again`, { cause })
  }
}
