import { waitersMissWakes } from '@lockstep/testing/faults/plan/missed-wakes'
import { redisKind } from './ground.ts'

await waitersMissWakes(redisKind)
