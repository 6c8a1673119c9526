import { type Durability, serversAreKilled } from '@lockstep/testing/faults/plan/restarts'
import { mysqlKind } from './ground.ts'

const warning = /^innodb_flush_log_at_trx_commit [02]/

// The death of the server alone costs nothing at 2, and the last second at 0.
const profiles = [
  { flush: 1, keepsAll: true, warnings: [] },
  { flush: 2, keepsAll: true, warnings: [warning] },
  { flush: 0, keepsAll: false, warnings: [warning] },
].map(({ flush, ...profile }): Durability => ({
  ...profile,
  what: `with innodb_flush_log_at_trx_commit ${flush}`,
  options: [`--innodb-flush-log-at-trx-commit=${flush}`],
}))

await serversAreKilled(mysqlKind, profiles, 5_000)
