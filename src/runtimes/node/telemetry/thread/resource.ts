import { hostname } from 'node:os'
import { defaultResource, detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources'

/** What this host is, to whoever receives its telemetry: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win. */
export function hostResource({ version, instance }: { version: string; instance: string }): Resource {
  const own = resourceFromAttributes({
    'service.name': 'pressroom',
    'service.version': version,
    'service.instance.id': instance,
    'host.name': hostname(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  })
  return defaultResource().merge(own).merge(detectResources({ detectors: [envDetector] }))
}
