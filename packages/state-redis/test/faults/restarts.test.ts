import { type Durability, serversAreKilled } from '@lockstep/testing/faults/plan/restarts'
import { durable, redisKind } from './ground.ts'

const profiles: readonly Durability[] = [
  { what: 'that keeps nothing', options: ['--appendonly', 'no'], keepsAll: false, warnings: [/^appendonly no/] },
  {
    what: 'that keeps almost everything',
    options: ['--appendonly', 'yes'],
    keepsAll: false,
    warnings: [/^appendfsync everysec/],
  },
  { what: 'that keeps everything', options: durable, keepsAll: true, warnings: [] },
]

await serversAreKilled(redisKind, profiles, 3_000)
