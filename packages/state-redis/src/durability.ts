import type { ConnectionHealth } from '@lockstep/state'
import type { RedisClient } from './options.ts'

/** Fields of INFO, and settings of CONFIG GET where that is allowed: https://redis.io/docs/latest/commands/info/ */
type Settings = ReadonlyMap<string, string>

/** What the servers keep of an acknowledged write, as their settings say now; a Cluster has several servers. */
export async function readDurability(client: RedisClient, waitReplicas: number): Promise<ConnectionHealth> {
  const servers = await Promise.all(serversOf(client).map((server) => readSettings(server)))
  const weakest = servers.reduce((a, b) => (survival(b).loses > survival(a).loses ? b : a))
  return {
    durability: sentenceOf(weakest, waitReplicas),
    warnings: [...new Set(servers.flatMap((settings) => warningsOf(settings)))],
  }
}

function serversOf(client: RedisClient): readonly RedisClient[] {
  return 'nodes' in client && typeof client.nodes === 'function' ? client.nodes('master') : [client]
}

async function readSettings(server: RedisClient): Promise<Settings> {
  const [info, ...settings] = await Promise.all([
    server.call('INFO'),
    // A managed Redis often has no CONFIG; what INFO tells must do then.
    ...['append*', 'save'].map((pattern) => server.call('CONFIG', 'GET', pattern).catch(() => [])),
  ])
  const fields = String(info).matchAll(/^([a-z_]+):(.*?)\r?$/gm)
  const flat = settings.flat() as string[]
  return new Map([
    ...Array.from(fields, ([, name = '', value = '']) => [name, value] as const),
    ...flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : [])),
  ])
}

function sentenceOf(settings: Settings, waitReplicas: number): string {
  const replicas = Number(settings.get('connected_slaves') ?? 0)
  const failover =
    waitReplicas > 0
      ? `; a failover keeps what ${waitReplicas} replicas had confirmed, if one of them is promoted`
      : replicas > 0
        ? '; a failover to a replica may lose the last of them, for replication is asynchronous'
        : ''
  return `Acknowledged writes ${survival(settings).says}${failover}.`
}

/** `loses`: the greater, the more is lost. */
function survival(settings: Settings): { readonly loses: number; readonly says: string } {
  if (settings.get('aof_enabled') === '1') {
    const fsync = settings.get('appendfsync')
    if (fsync === 'always') return { loses: 0, says: 'survive a crash of the server (appendfsync always)' }
    if (fsync === 'no')
      return { loses: 3, says: 'of the last half a minute or so are lost in a crash of the machine (appendfsync no)' }
    if (fsync === undefined)
      return {
        loses: 2,
        says: 'are in an append-only file, how soon is not to be learned here (CONFIG is refused)',
      }
    return { loses: 1, says: 'of the last second or two are lost in a crash of the server (appendfsync everysec)' }
  }
  if (settings.get('save') === '')
    return { loses: 5, says: 'are gone when the server ends (neither append-only file nor snapshots)' }
  return { loses: 4, says: 'since the last snapshot are lost in a crash of the server (no append-only file)' }
}

/** Each names the setting that weakens a promise. */
function warningsOf(settings: Settings): string[] {
  const warnings: string[] = []
  const warn = (condition: boolean, text: string): void => {
    if (condition) warnings.push(text)
  }
  const appendOnly = settings.get('aof_enabled') === '1'
  const fsync = settings.get('appendfsync')
  warn(!appendOnly, 'appendonly no: a crash of the server loses acknowledged writes, locks and fence marks among them')
  warn(
    appendOnly && fsync !== undefined && fsync !== 'always',
    `appendfsync ${fsync}: a crash of the server loses the last acknowledged writes, locks and fence marks among them`,
  )
  const policy = settings.get('maxmemory_policy') ?? 'noeviction'
  warn(
    policy !== 'noeviction',
    `maxmemory-policy ${policy}: a full memory evicts locks, counters and entries; set noeviction`,
  )
  warn(
    Number(settings.get('connected_slaves') ?? 0) > 0,
    'replication is asynchronous: a failover can lose acknowledged writes; waitReplicas makes that less likely',
  )
  warn(settings.get('role') === 'slave', 'the server is a replica and refuses writes')
  return warnings
}
