// What the examples of the READMEs take for granted.

declare module 'my-adapter' {
  export function myAdapter(): import('@lockstep/state').Adapter
}

declare const app: import('fastify').FastifyInstance
declare const server: import('node:http').Server
declare const database: { end(): Promise<void> }
declare const next: { readonly items: readonly string[] }
declare const redis: typeof import('@lockstep/state-redis').redis
declare const client: import('ioredis').Redis
declare const state: import('@lockstep/state').ClusterState
declare const lease: import('@lockstep/state').Lease
declare const adapter: import('@lockstep/state-mysql').MysqlAdapter
declare const work: import('@lockstep/state-mysql').TransactionWork<void>
