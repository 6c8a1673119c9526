import type { ConnectionHealth } from '@lockstep/state'
import type { Session } from './session.ts'

/** Global variables, and the status of Galera where there is one. */
type Settings = ReadonlyMap<string, string>

const variables = [
  'innodb_flush_log_at_trx_commit',
  'innodb_doublewrite',
  'innodb_flush_method',
  'log_bin',
  'sync_binlog',
  'read_only',
  'super_read_only',
  'wsrep_on',
]

/** What the server keeps of an acknowledged write, as its settings say now. */
export async function readDurability(session: Session): Promise<ConnectionHealth> {
  const list = variables.map((name) => `'${name}'`).join(', ')
  const rows = await session.rows(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list})`, [])
  const galera = await session.rows("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'", [])
  const settings = new Map(
    [...rows, ...galera].map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
  )
  return { durability: `Acknowledged writes ${survival(settings)}.`, warnings: warningsOf(settings) }
}

/** https://dev.mysql.com/doc/refman/8.4/en/innodb-parameters.html#sysvar_innodb_flush_log_at_trx_commit */
function survival(settings: Settings): string {
  switch (settings.get('innodb_flush_log_at_trx_commit')) {
    case '1':
    case '3':
      return isOff(settings.get('innodb_doublewrite'))
        ? 'survive a crash of the server, unless it tears a page (innodb_doublewrite off)'
        : 'survive a crash of the server and of its machine (innodb_flush_log_at_trx_commit 1)'
    case '2':
      return 'survive a crash of the server; those of the last second are lost in a crash of its machine (innodb_flush_log_at_trx_commit 2)'
    default:
      return 'of the last second are lost in a crash of the server (innodb_flush_log_at_trx_commit 0)'
  }
}

/** Each names the setting that weakens a promise. */
function warningsOf(settings: Settings): string[] {
  const warnings: string[] = []
  const warn = (condition: boolean, text: string): void => {
    if (condition) warnings.push(text)
  }
  const flush = settings.get('innodb_flush_log_at_trx_commit') ?? '1'
  warn(
    flush === '0' || flush === '2',
    `innodb_flush_log_at_trx_commit ${flush}: a crash loses the last acknowledged writes, locks and fence marks among them`,
  )
  warn(
    isOff(settings.get('innodb_doublewrite')),
    'innodb_doublewrite off: a crash may tear a page, and what it holds is lost, unless the file system writes pages whole',
  )
  warn(
    isOn(settings.get('log_bin')) && settings.get('sync_binlog') !== '1',
    `sync_binlog ${settings.get('sync_binlog')}: after a crash replicas may have writes that this server lacks, or lack some that it has`,
  )
  warn(
    isOn(settings.get('read_only')) || isOn(settings.get('super_read_only')),
    'read_only: the server is a replica, or is being switched over, and refuses writes',
  )
  const nodes = Number(settings.get('wsrep_cluster_size') ?? 0)
  warn(
    isOn(settings.get('wsrep_on')) && nodes > 1,
    `a Galera cluster of ${nodes}: let all processes write to one and the same node, for two writers can lose updates (MDEV-38974)`,
  )
  return warnings
}

function isOn(value: string | undefined): boolean {
  return /^(1|on|no_lock.*)$/i.test(value ?? '')
}

function isOff(value: string | undefined): boolean {
  return /^(0|off)$/i.test(value ?? '')
}
