import { clusterMutants } from './lists/cluster.ts'
import { engineMutants } from './lists/engine.ts'
import { linkMutants } from './lists/link.ts'
import { mysqlMutants } from './lists/mysql.ts'
import { redisMutants } from './lists/redis.ts'
import { stateMutants } from './lists/state.ts'
import type { Mutant } from './mutant.ts'

/** Faults that each break a promise of the contract, by the room they are in. */
export const mutants: readonly Mutant[] = [
  ...engineMutants,
  ...stateMutants,
  ...linkMutants,
  ...redisMutants,
  ...mysqlMutants,
  ...clusterMutants,
]
