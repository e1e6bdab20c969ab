/** Names of the OpenTelemetry conventions for functions and HTTP (all `faas.*` are of stability "development"), and our own for what they lack. */
export const names = {
  faasName: 'faas.name',
  faasVersion: 'faas.version',
  faasInstance: 'faas.instance',
  faasMaxMemory: 'faas.max_memory',
  faasTrigger: 'faas.trigger',
  faasInvocationId: 'faas.invocation.id',
  faasColdstart: 'faas.coldstart',
  faasStartTime: 'faas.invocation.start_time',
  faasCron: 'faas.cron',
  documentCollection: 'faas.document.collection',
  documentOperation: 'faas.document.operation',
  documentTime: 'faas.document.time',
  documentName: 'faas.document.name',
  httpMethod: 'http.request.method',
  httpMethodOriginal: 'http.request.method_original',
  httpStatus: 'http.response.status_code',
  httpRoute: 'http.route',
  urlFull: 'url.full',
  urlPath: 'url.path',
  urlQuery: 'url.query',
  urlScheme: 'url.scheme',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  userAgent: 'user_agent.original',
  protocolName: 'network.protocol.name',
  messagingSystem: 'messaging.system',
  messagingDestination: 'messaging.destination.name',
  messagingOperation: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingBatchCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStack: 'exception.stacktrace',
  outcome: 'pressroom.outcome',
  billedMs: 'pressroom.billed_duration_ms',
  costUsd: 'pressroom.cost_usd',
  initMs: 'pressroom.init_duration_ms',
  queueMs: 'pressroom.queue_duration_ms',
  runMs: 'pressroom.run_duration_ms',
  cpuMs: 'pressroom.cpu_time_ms',
  instanceState: 'pressroom.instance.state',
  memoryBytes: 'pressroom.memory_used_bytes',
} as const

/** What `faas.invocation.id` and `faas.invocation.start_time` were called before: told beside them, since most who read spans look for these. */
export const formerNames = { faasInvocationId: 'faas.invocation_id', faasTime: 'faas.time' } as const

/** Name of the event that an exception leaves on a span. */
export const EXCEPTION = 'exception'
/** Name of the span of what an invocation waited for. */
export const QUEUE_SPAN = 'pressroom.queue'
/** Name of the span in which its instance loaded the module. */
export const INIT_SPAN = 'pressroom.init'

/** Attributes that are fractions even where their value happens to be whole. */
export const doubles: ReadonlySet<string> = new Set([names.costUsd, names.initMs, names.queueMs, names.runMs, names.cpuMs])
