import { stockIsSoldOnce } from '@lockstep/testing/faults/plan/stock'
import { redisKind } from './ground.ts'

await stockIsSoldOnce(redisKind)
