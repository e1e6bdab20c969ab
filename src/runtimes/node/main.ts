import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { Hono } from 'hono'
import { assertAdminAllowed, createAdmin, isLoopback } from '../../admin/admin.ts'
import type { SecretKeeper } from '../../admin/kept/secret-routes.ts'
import { PressroomError } from '../../contract/errors.ts'
import { createHost, type Host } from '../../host/host.ts'
import { checkTogether } from '../../host/deploy/together.ts'
import type { HostOptions } from '../../host/options.ts'
import { spentToday } from '../../host/spending.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { Ledger, Store } from '../../ports/store.ts'
import { createHostCalls } from './calls.ts'
import { nodeClock } from './clock.ts'
import { migrateD1, pickBindings, readWranglerConfig, type WranglerConfig } from './wrangler-config.ts'
import { stopBundler } from './code/bundle.ts'
import { discoverFunctions } from './code/discover.ts'
import { loadFunctions, type LoadOptions } from './code/load.ts'
import { openRevisions } from './code/revisions.ts'
import { readableFolders } from './code/readable.ts'
import { createUploader, type Uploader } from './code/upload.ts'
import { loadUploads } from './code/uploaded.ts'
import { parseOutboundRules } from './outbound/rules.ts'
import { createAdminServer } from './front/admin-server.ts'
import { devEndpoints } from './front/dev-endpoints.ts'
import { createNodeInstances } from './instance.ts'
import { endConnections, listen, stopListening } from './front/listen.ts'
import { lockDataFolder } from './store/lock.ts'
import { createLog } from './log.ts'
import { affordableConnections } from './process/descriptors.ts'
import { measurable } from './process/proc.ts'
import { createFront } from './front/server.ts'
import { createTrust } from './front/trust.ts'
import { openNodeStore } from './store.ts'
import { createBucketAnswerer } from './store/buckets/answer.ts'
import { readSecretKey } from './secrets/secrets.ts'
import { createQueueAnswerer } from './store/queues/answer.ts'
import { createNodeTelemetry } from './telemetry/telemetry.ts'
import { readTelemetrySettings } from '../../tracing/export/settings.ts'
import { countInstances, ownVersion } from './telemetry/host-facts.ts'
import { watchFunctions } from './code/watch.ts'

/** Longest that a shutdown waits for work under way. */
const GRACE_MS = 30_000
/** How long open connections are still served after a shutdown began: a client may be sending on one right now. */
const LINGER_MS = 1_000
/** The cookie by which the news functions know their reader. */
const STICKY_COOKIES = ['pressroom_reader']

/** A host that serves. */
export interface RunningHost {
  url: string
  adminUrl: string
  /** Ends it gracefully; a second call changes nothing. */
  close(reason: string): Promise<void>
  /** Resolves with the exit code when it has ended. */
  done: Promise<number>
}

/**
 * Starts a host on this machine and resolves when it serves.
 * @param ledger takes the place of the one in the data folder, so that what a host costs without one can be measured
 * @throws PressroomError `bad_option`, `bad_config`, `locked` or `init_failed` with all that is wrong and the way out
 */
export async function startNode(options: HostOptions & { dev: boolean }, { ledger }: { ledger?: Ledger } = {}): Promise<RunningHost> {
  assertAdminAllowed(options.host, options.adminToken)
  parseOutboundRules(options.allowOutbound)
  const secretKey = readSecretKey(process.env['PRESSROOM_SECRET_KEY'])
  const data = resolve(options.data)
  const functionsFolder = resolve(options.functions)
  const log = createLog({ stream: process.stdout, dev: options.dev })
  const wrangler = readWranglerConfig({ path: resolve(options.config), required: options.configNamed, environment: process.env, dataDir: data })
  const sources = discoverFunctions(functionsFolder)
  const lock = lockDataFolder(data, ['revisions', 'uploads', 'compile-cache'])
  const undo: (() => unknown)[] = [() => lock.release()]
  try {
    const name = hostname()
    const opened = await openNodeStore({ folder: data, clock: nodeClock, host: name, log: (level, message) => log[level](message) })
    const store: Store = ledger ? { ...opened, ledger } : opened
    undo.push(() => store.close())
    const served: { host?: Host; uploader?: Uploader } = {}
    const buckets = await opened.openBuckets({
      listeners: (...change) => served.host?.bucketListeners(...change) ?? [],
      notified: (queues) => queues.forEach((queue) => served.host?.queues.wake(queue)),
    })
    const secrets = await opened.openSecrets(secretKey)
    // What a former life of this host had taken; nobody has leased anything yet.
    await store.queues.release(name, nodeClock.now())
    for (const applied of await migrateD1(wrangler)) log.info(`migrated ${applied}`)
    if (wrangler.unsupported.length > 0) log.warn(`${wrangler.path}: not used on this runtime: ${wrangler.unsupported.join(', ')}`)
    // The operator's port is known when it is open; nothing but loading happens before, without any network.
    const denyOutbound: string[] = []
    const telemetry = createNodeTelemetry({
      settings: readTelemetrySettings(process.env, (message) => log.warn(message)),
      version: ownVersion(),
      warn: (message) => log.warn(message),
      instances: () => countInstances(served.host?.operator.functions() ?? []),
      queues: async () => (await served.host?.operator.queues()) ?? [],
    })
    undo.push(() => telemetry.close())
    const uploadsFolder = join(data, 'uploads')
    const instances = createNodeInstances({
      warmCells: options.warmCells,
      readable: readableFolders(data, functionsFolder, wrangler),
      compileCache: join(data, 'compile-cache'),
      allowOutbound: options.allowOutbound,
      denyOutbound,
      calls: createHostCalls({
        bucket: createBucketAnswerer(buckets),
        queue: createQueueAnswerer({
          send: (queue, messages) => queuesOf(served).send(queue, messages),
          depths: (queue) => store.queues.depths(queue),
          clock: nodeClock,
          makeId: () => randomUUID().replaceAll('-', ''),
        }),
      }),
      spans: telemetry.functionSpans,
      log(code, { i, l, m }) {
        served.uploader?.heard(code, m)
        log.line({ function: code.name, revision: code.revision, invocation: i ?? null, level: l, message: m })
      },
    })
    undo.push(() => instances.close())
    const loading: LoadOptions = {
      revisions: openRevisions(join(data, 'revisions')),
      instances,
      crons: wrangler.crons,
      bindings: (names, file) => pickBindings(wrangler, names, process.env, file, secrets.value),
    }
    const { loaded, problems } = await loadFunctions(sources, loading)
    if (!options.dev) await stopBundler()
    for (const { deployed } of loaded) await loading.revisions.prune(deployed.name, [deployed.revision])
    const told = problems.map(({ name, file, message }) => `${name} (${file}): ${message}`)
    if (problems.length > 0 && !options.dev) {
      const misfits = checkTogether(loaded.map(({ deployed }) => deployed))
      throw new PressroomError('init_failed', [`${problems.length} of ${sources.length} functions cannot be served:`, ...told, ...misfits].join('\n'))
    }
    for (const line of told) log.error(line)

    const kept = await store.deployments.read()
    const host = createHost({
      functions: loaded.map(({ deployed }) => deployed),
      kept,
      uploads: await loadUploads(uploadsFolder, kept, loading, (message) => log.error(message)),
      forget: async (name, revision) => served.uploader?.remove(name, revision),
      queues: { consumers: wrangler.queues.consumers, maxMessages: options.queueDepth },
      stickyCookies: STICKY_COOKIES,
      instances,
      clock: nodeClock,
      store,
      telemetry,
      log,
      memoryBytes: options.memoryBytes,
      cpus: availableParallelism(),
      name,
      prices: options.prices,
      budgetUsd: options.budgetUsd,
      spentToday: await spentToday(store.ledger, nodeClock.now()),
      makeId: randomUUID,
    })
    served.host = host
    const uploader = createUploader({ ...loading, folder: uploadsFolder, shelf: host.shelf, now: () => nodeClock.now() })
    served.uploader = uploader
    undo.push(() => uploader.close())
    warnOfCrons(wrangler, host, log)
    let leaving = false
    const front = createFront({
      rules: { maxBodyBytes: options.maxBodyBytes, trustProxy: options.trustProxy },
      routes: () => host.routes,
      invoke: host.invoke,
      accepting: host.accepting,
      trusts: createTrust(options.adminToken),
      hasAlias: host.hasAlias,
      leaving: () => leaving,
      limits: { maxConnections: affordableConnections() },
      dev: options.dev,
      extras: options.dev ? devEndpoints(() => host.operator) : new Hono(),
    })
    const admin = createAdminServer(
      createAdmin(host.operator, {
        onError: (error) => log.error(`admin: ${String(error)}`),
        hosts: [options.host],
        loopback: isLoopback(options.host),
        logs: log.history,
        telemetry,
        uploads: uploader,
        events: host.events,
        buckets,
        secrets: keepSecrets(secrets, host, wrangler),
        ...(options.adminToken ? { token: options.adminToken } : {}),
      }).fetch,
    )
    undo.push(() => front.close(), () => admin.close())
    const url = await listen(front, options.port, options.host, '--port')
    const adminUrl = await listen(admin, options.adminPort, options.host, '--admin-port')
    denyOutbound.push(`localhost:${new URL(adminUrl).port}`)
    host.startSchedules()
    const watcher = options.dev ? watchFunctions(functionsFolder, loaded, host, loading, log) : undefined
    log.info(`serving ${host.operator.functions().length} functions at ${url}, operator at ${adminUrl}; ${enforced(instances.means)}`, { url, admin_url: adminUrl, pid: process.pid })

    let finish!: (code: number) => void
    const done = new Promise<number>((resolve) => (finish = resolve))
    let closing: Promise<void> | undefined
    const close = async (reason: string) => {
      log.info(`shutting down: ${reason}`)
      watcher?.close()
      leaving = true
      await uploader.close()
      await stopListening(front, LINGER_MS)
      await host.drain(GRACE_MS)
      await Promise.all([endConnections(front, 1000), stopListening(admin, 0)])
      await endConnections(admin, 0)
      await stopBundler()
      await telemetry.close()
      await store.close()
      lock.release()
      log.info('shut down')
      await log.flush()
      finish(0)
    }
    return { url, adminUrl, close: (reason) => (closing ??= close(reason)), done }
  } catch (error) {
    await stopBundler()
    for (const step of undo.reverse()) await step()
    throw error
  }
}

/** The operator's secrets: a change reaches every function that names one at once. */
function keepSecrets(secrets: Secrets, host: Host, { bindings, path }: WranglerConfig): SecretKeeper {
  return {
    names: secrets.names,
    async put(name, value) {
      if (Object.hasOwn(bindings, name)) throw new PressroomError('conflict', `${path} has a ${bindings[name]!.type} called ${name} already; rename one of them`)
      await secrets.put(name, value)
      host.rebind(name, { type: 'secret', value })
    },
    async delete(name) {
      if (!secrets.names().some((secret) => secret.name === name)) throw new PressroomError('not_found', `there is no secret ${name}`)
      const naming = host.naming(name)
      if (naming.length > 0) throw new PressroomError('conflict', `${name} is named by the env of ${naming.join(', ')}; take it out there first`)
      await secrets.delete(name)
    },
  }
}

/** A module that is loaded before the host is there has no queues yet. */
function queuesOf({ host }: { host?: Host }): Host['queues'] {
  if (!host) throw new PressroomError('overloaded', 'overloaded: the host is starting; send when a handler is called')
  return host.queues
}

/** `[triggers] crons` is what Workers runs: it must not say other than the functions do. */
function warnOfCrons(wrangler: WranglerConfig, host: Host, log: { warn(message: string): void }) {
  void host.operator.schedules().then((schedules) => {
    const declared = new Set(schedules.map(({ cron }) => cron))
    const listed = new Set(wrangler.crons)
    const missing = [...declared].filter((cron) => !listed.has(cron))
    const extra = [...listed].filter((cron) => !declared.has(cron))
    if (wrangler.path === undefined || (missing.length === 0 && extra.length === 0)) return
    log.warn(`${wrangler.path}: [triggers] crons differ from the functions' schedules: ${[...missing.map((cron) => `"${cron}" is missing`), ...extra.map((cron) => `"${cron}" is of no function`)].join(', ')}`)
  })
}

function enforced(means: { death: string; cpu: string }): string {
  const limits = measurable ? 'memory, CPU, time and blocking are enforced' : 'time and blocking are enforced; memory and CPU cannot be measured on this system'
  return `${limits}; CPU weight by ${means.cpu}; orphans prevented by ${means.death}`
}
