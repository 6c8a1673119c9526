import { clocksJump } from '@lockstep/testing/faults/plan/clock'
import { redisKind } from './ground.ts'

await clocksJump(redisKind)
