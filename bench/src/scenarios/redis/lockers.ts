import type { ParticipantName } from '../../participants/participant.ts'

/** The libraries for locks on Redis, and how a waiter of theirs asks again, by default. */
const peers = {
  'redlock 4': 'every 200 ± 100 ms',
  'redlock 5': 'every 200 ± 100 ms',
  '@sesamecare-oss/redlock': 'every 200 ± 100 ms',
  'redis-semaphore': 'every 10 ms',
  verrou: 'every 250 ms',
} as const satisfies Partial<Record<ParticipantName, string>>

type Peer = keyof typeof peers

export const peerNames = Object.keys(peers) as Peer[]

/** All that are measured where many want the same lock. */
export const lockers = ['lockstep on Redis', ...peerNames] as const

/** Those whose locks extend themselves, as ours do. */
export const extending = ['redlock 5', '@sesamecare-oss/redlock', 'redis-semaphore'] as const

/** For the rows where it matters how a participant waits. */
export function waiting(name: ParticipantName): string {
  return name in peers ? `${name} (asks ${peers[name as Peer]})` : name
}
