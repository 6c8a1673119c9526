import type { Failure, Fence } from '@lockstep/state'

export function outOfRange(name: string, value: number, delta: number): Failure {
  return {
    code: 'LOCKSTEP_OUT_OF_RANGE',
    message:
      `Counter ${quote(name)} stands at ${value}: a change by ${delta} would leave ±(2^53 - 1), ` +
      'the range in which whole numbers are exact',
  }
}

export function staleToken(name: string, fence: Fence, mark: number): Failure {
  return {
    code: 'LOCKSTEP_STALE_TOKEN',
    message:
      `The lease of lock ${quote(fence.name)} has token ${fence.token}, but ${quote(name)} has already seen ` +
      `token ${mark} of that lock: a newer holder was here`,
  }
}

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

export function differentOperation(id: string): Failure {
  return {
    code: 'LOCKSTEP_INVALID_ARGUMENT',
    message:
      `operationId ${quote(id)} is on record for one of these counters with other names, delta, min or max: ` +
      'a repeat must ask for the same, and a new operation needs an id of its own',
  }
}

function quote(name: string): string {
  return JSON.stringify(name)
}
