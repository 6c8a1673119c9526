import type { Failure, Fence } from '@lockstep/state'

export function tokenBelowFloor(name: string, fence: Fence, floor: number): Failure {
  return {
    code: 'LOCKSTEP_STALE_TOKEN',
    message:
      `The lease of lock ${quote(fence.name)} has token ${fence.token}, but the store of ${quote(name)} remembers ` +
      `no fence from before token ${floor}: acquire the lock again`,
  }
}

export function staleSequence(name: string, sequence: number, last: number): Failure {
  return {
    code: 'LOCKSTEP_OUTCOME_UNKNOWN',
    message:
      `Stale sequence ${sequence} for ${quote(name)}: ${last} has been answered since, ` +
      'and whether the older one was applied is no longer on record',
  }
}

function quote(name: string): string {
  return JSON.stringify(name)
}
