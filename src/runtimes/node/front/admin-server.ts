import type { Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { admit, type IngressRules } from '../../../ingress/http.ts'
import { createConnections, type ConnectionLimits } from './connections.ts'
import { refuse } from './refusal.ts'

/** How large a body may be is for the API itself to say, route by route. */
const rules: IngressRules = { maxBodyBytes: Number.POSITIVE_INFINITY, trustProxy: false }

/** Makes the HTTP server of the operator's API: as strict about requests as the public port. */
export function createAdminServer(fetch: (request: Request) => Response | Promise<Response>, limits: ConnectionLimits = {}): Server {
  const listener = getRequestListener(fetch)
  return createConnections(limits, {
    answer(req, res, expects) {
      const { method = '', url: target = '', rawHeaders: headers, httpVersion } = req
      const admitted = admit({ method, target, headers, scheme: 'http', httpVersion }, rules)
      if ('code' in admitted) return refuse(req, res, admitted.code, { detail: admitted.detail })
      if (req.headers.host === undefined) return refuse(req, res, 'bad_request', { detail: 'there is no host header' })
      if (expects) res.writeContinue()
      void listener(req, res)
    },
    refuse: (req, res, code, detail) => refuse(req, res, code, { detail }),
  })
}
