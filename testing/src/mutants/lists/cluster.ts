import type { Mutant } from '../mutant.ts'

const drain = { files: ['packages/cluster-core/test/drain.test.ts'] }
const worker = { files: ['packages/fastify/test/worker.test.ts'] }

/** The processes: supervisor, worker and plugin. */
export const clusterMutants: readonly Mutant[] = [
  {
    name: 'cluster-core/out-of-rotation-first',
    why: 'connections would be handed to a worker that has closed its server: every deploy would cost requests',
    file: 'packages/cluster-core/src/slot.ts',
    find: '    worker.disconnect()\n',
    replace: '    setTimeout(() => worker.disconnect(), 300)\n',
    tests: { ...drain, named: 'answers every request' },
  },
  {
    name: 'cluster-core/connection-close',
    why: 'clients would go on sending on connections that are about to end',
    file: 'packages/cluster-core/src/http-traffic.ts',
    find: '    if (this.#closing) response.shouldKeepAlive = false\n',
    replace: '',
    tests: { ...drain, named: 'gives an idle connection a last answer' },
  },
  {
    name: 'cluster-core/hooks-in-reverse',
    why: 'what was opened first would be closed under what was built on it',
    file: 'packages/cluster-core/src/managed-worker.ts',
    find: '[...this.#hooks].toReversed()',
    replace: '[...this.#hooks]',
    tests: { ...drain, named: 'runs the drain hooks' },
  },
  {
    name: 'cluster-core/healthy-again',
    why: 'a worker that was fine for days would wait as long for its restart as one that never came up',
    file: 'packages/cluster-core/src/slot.ts',
    find: 'this.#failures = this.#wasHealthy() ? 1 : this.#failures + 1',
    replace: 'this.#failures = this.#failures + 1',
    tests: { files: ['packages/cluster-core/test/restart.test.ts'], named: 'after a healthy spell' },
  },
  {
    name: 'fastify/ready-when-listening',
    why: 'a worker would count as ready that cannot be reached yet',
    file: 'packages/fastify/src/readiness.ts',
    find: "app.addHook('onListen', async () => worker.ready())",
    replace: "app.addHook('onReady', async () => worker.ready())",
    tests: { ...worker, named: 'does not listen yet' },
  },
  {
    name: 'fastify/not-ready-when-leaving',
    why: 'the load balancer would go on sending to a worker that leaves',
    file: 'packages/fastify/src/readiness.ts',
    find: "const phase = this.#leaving.aborted ? 'closing' : this.#phase",
    replace: 'const phase = this.#phase',
    tests: { ...worker, named: 'asked to leave' },
  },
  {
    name: 'fastify/not-ready-when-closing',
    why: 'the same, for an app that closes by itself',
    file: 'packages/fastify/src/readiness.ts',
    find: "app.addHook('preClose', async () => readiness.close())",
    replace: "app.addHook('onClose', async () => readiness.close())",
    tests: { files: ['packages/fastify/test/health.test.ts'], named: 'a server that closes' },
  },
]
