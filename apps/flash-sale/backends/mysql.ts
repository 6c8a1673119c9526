/** A process of its own: the mariadbd, or mysqld, of one sale. It ends with the sale, so it need not wait for the disk. */
import { startMysql } from '@lockstep/testing/servers/mysql'
import { keep } from './keep.ts'

await keep(
  () => startMysql(['--innodb-flush-log-at-trx-commit=0']),
  ({ uri }) => uri,
)
