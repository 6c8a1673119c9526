import type { Mutant } from '../mutant.ts'
import { redisLockMutants } from './redis-locks.ts'
import { redisValueMutants } from './redis-values.ts'

export const redisMutants: readonly Mutant[] = [...redisLockMutants, ...redisValueMutants]
