import { holdersAreTold } from '@lockstep/testing/faults/plan/told-in-time'
import { redisKind } from './ground.ts'

await holdersAreTold(redisKind)
