import type { FastifyInstance } from 'fastify'
import type { HealthPaths } from './options.ts'
import type { Readiness } from './readiness.ts'

/**
 * The routes that an orchestrator asks, in the sense of
 * https://kubernetes.io/docs/concepts/workloads/pods/probes/: a store that is down is no reason to restart the process.
 */
export function addHealthRoutes(app: FastifyInstance, paths: Required<HealthPaths>, readiness: Readiness): void {
  // Probes come every few seconds: an access line for each would drown the log.
  const quiet = { logLevel: 'warn' } as const

  app.get(paths.live, quiet, (_request, reply) => {
    reply.header('cache-control', 'no-store').send({ status: 'up' })
  })

  app.get(paths.ready, quiet, async (_request, reply) => {
    const report = await readiness.report()
    const welcome = report.status === 'up' || report.status === 'degraded'
    return reply
      .code(welcome ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report)
  })
}
