import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { jwtVerify } from 'jose'
import type { NewsApp } from './app.ts'
import { words } from './env.ts'
import { fromBase64Url, toBase64Url } from './identity.ts'
import { Problem } from './problems.ts'
import { readerSecret } from './secret.ts'

const cookieName = 'pressroom_reader'
const cookieSeconds = 400 * 24 * 3600
// Readers by cookie and readers by token never meet: no token may name one of these.
const visitorPrefix = 'visitor-'
const encoder = new TextEncoder()

function unauthorized(message: string): Problem {
  return new Problem(401, 'unauthorized', message)
}

async function cookieKey(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

// The prefix keeps a cookie's signature from ever being one of a token.
function signedText(reader: string): Uint8Array {
  return encoder.encode(`reader:${reader}`)
}

async function readerOfToken(header: string, secret: Uint8Array): Promise<string> {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header.trim())?.[1]
  if (token === undefined) throw unauthorized('authorization: expected "Bearer" and a JWT')
  let subject: unknown
  try {
    subject = (await jwtVerify(token, secret, { algorithms: ['HS256'] })).payload.sub
  } catch {
    throw unauthorized('authorization: the token is not valid; it must be a JWT signed by HS256 that has not expired')
  }
  if (typeof subject !== 'string' || subject === '' || subject.length > 200) {
    throw unauthorized('authorization: sub: expected 1–200 characters')
  }
  if (subject.startsWith(visitorPrefix)) throw unauthorized(`authorization: sub: may not begin with "${visitorPrefix}"`)
  return subject
}

async function readerOfCookie(value: string, secret: Uint8Array): Promise<string | undefined> {
  const [, reader, signature] = /^(visitor-[0-9a-f-]{36})\.([\w-]{43})$/.exec(value) ?? []
  if (reader === undefined || signature === undefined) return undefined
  const valid = await crypto.subtle.verify('HMAC', await cookieKey(secret), fromBase64Url(signature), signedText(reader))
  return valid ? reader : undefined
}

async function welcome(c: Context<NewsApp>, secret: Uint8Array): Promise<string> {
  const reader = `${visitorPrefix}${crypto.randomUUID()}`
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', await cookieKey(secret), signedText(reader)))
  const url = new URL(c.req.url)
  setCookie(c, cookieName, `${reader}.${toBase64Url(signature)}`, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: url.protocol === 'https:',
    maxAge: cookieSeconds,
  })
  return reader
}

// A page elsewhere can make a browser send the cookie, or replace it by a new one; only the browser's own words tell such a
// request apart. Every browser of today says them with a change, so one without them is refused.
function refuseForeignPage(c: Context<NewsApp>): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const origin = c.req.header('origin')
  if (origin === undefined && c.req.header('sec-fetch-site') === 'same-origin') return
  // The host alone is compared: a proxy in front may have taken the TLS off.
  const host = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined
  if (host !== undefined && host === new URL(c.req.url).host) return
  if (origin !== undefined && words(c.env.CORS_ORIGINS).includes(origin)) return
  const found = origin === undefined ? 'none' : JSON.stringify(origin.slice(0, 200))
  const way = `a change without a bearer token must come from this site or from an origin in CORS_ORIGINS, found ${found}`
  throw new Problem(403, 'forbidden', `origin: ${way}; apps that are no page send a token`)
}

/**
 * Tells who reads: the `sub` of the bearer token, else of the signed cookie, else a new visitor who gets a cookie.
 * @throws Problem 401 for a token that does not hold; 403 for a change without a token that does not say it is from this site's own pages.
 */
export async function identifyReader(c: Context<NewsApp>): Promise<string> {
  const known = await knownReader(c)
  return known ?? newReader(c)
}

/** Makes a new visitor, who gets a cookie: for a request that names nobody. */
export async function newReader(c: Context<NewsApp>): Promise<string> {
  refuseForeignPage(c)
  return welcome(c, await readerSecret(c.env))
}

/** As `identifyReader`, but answers undefined where the request names nobody. */
export async function knownReader(c: Context<NewsApp>): Promise<string | undefined> {
  const header = c.req.header('authorization')
  const secret = await readerSecret(c.env)
  if (header !== undefined) return readerOfToken(header, secret)
  const cookie = getCookie(c, cookieName)
  if (cookie === undefined) return undefined
  refuseForeignPage(c)
  return readerOfCookie(cookie, secret)
}

/**
 * The reader that a request names.
 * @throws Problem 401 where it names nobody
 */
export async function namedReader(c: Context<NewsApp>): Promise<string> {
  const reader = await knownReader(c)
  if (reader === undefined) throw unauthorized('nobody is named: send the cookie of an earlier visit, or a bearer token')
  return reader
}

/** Takes the cookie back. */
export function forgetCookie(c: Context<NewsApp>): void {
  deleteCookie(c, cookieName, { path: '/' })
}
