import type { Mutant } from '../mutant.ts'
import { engineLockMutants } from './engine-locks.ts'
import { engineValueMutants } from './engine-values.ts'

export const engineMutants: readonly Mutant[] = [...engineLockMutants, ...engineValueMutants]
