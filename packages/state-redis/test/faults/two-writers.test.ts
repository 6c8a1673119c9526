import { twoWriters } from '@lockstep/testing/faults/plan/two-writers'
import { redisKind } from './ground.ts'

await twoWriters(redisKind)
