/** A store that is a server of its own, and how a sale comes to it. */
export interface Backend {
  readonly adapter: string
  /** The environment variable that names a server. Its value may hold a password. */
  readonly variable: string
  /** For example. */
  readonly url: string
  /** What a sale starts without it. */
  readonly server: string
}

export const backends: readonly Backend[] = [
  { adapter: 'redis', variable: 'LOCKSTEP_REDIS_URL', url: 'redis://127.0.0.1:6379', server: 'a redis-server' },
  {
    adapter: 'mysql',
    variable: 'LOCKSTEP_MYSQL_URI',
    url: 'mysql://user:password@127.0.0.1:3306/database',
    server: 'a mariadbd',
  },
]

/** `undefined`: this adapter needs no server. */
export function backendOf(adapter: string): Backend | undefined {
  return backends.find((backend) => backend.adapter === adapter)
}
