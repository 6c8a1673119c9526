import { InvalidArgumentError } from '@lockstep/state'
import { checkJournal } from './journal/options.ts'
import type { JournalOptions } from './journal/options.ts'

/** How the state itself is kept, whoever opens it: the primary for its workers, or a process that is alone. */
export interface KeepingOptions {
  /**
   * Keep the state in the journal of this folder, so that it outlives the process that has it. A string is short for
   * `{ folder }`. Default: it ends with the process.
   */
  readonly journal?: string | JournalOptions
  /** How long an `operationId` is answered from its record, in milliseconds, 1,000 to 2^31 − 1. Default: a day. */
  readonly operationRetention?: number
}

export interface MemoryOptions extends KeepingOptions {
  /** Milliseconds for the primary's host to answer when the link is opened, 1 to 60,000. Default 5,000. */
  readonly connectTimeout?: number
}

declare module '@lockstep/state' {
  interface AdapterOptions {
    memory: MemoryOptions
  }
}

/** The options of keeping, checked. */
export interface Keeping {
  readonly journal: Required<JournalOptions> | undefined
  readonly operationRetention: number | undefined
}

/** The options, checked once. */
export function checkOptions(options: unknown): Keeping & { readonly connectTimeout: number } {
  const { connectTimeout = 5_000, ...keeping } = (options ?? {}) as MemoryOptions
  const checked = checkKeeping(keeping, options, 'memory()', 'connectTimeout, ')
  if (!Number.isInteger(connectTimeout) || connectTimeout < 1 || connectTimeout > 60_000) {
    throw new InvalidArgumentError('connectTimeout must be a whole number of milliseconds from 1 to 60000')
  }
  return { ...checked, connectTimeout }
}

/** The options of a host, checked once. */
export function checkHostOptions(options: unknown): Keeping {
  return checkKeeping(options ?? {}, options, 'startHost()', '')
}

const longest = 2 ** 31 - 1

function checkKeeping(keeping: object, given: unknown, whose: string, others: string): Keeping {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new InvalidArgumentError(`the options of ${whose} must be an object`)
  }
  const { journal, operationRetention, ...unknown } = keeping as KeepingOptions
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined) {
    throw new InvalidArgumentError(
      `${whose} has no option ${stranger}; it knows ${others}journal and operationRetention`,
    )
  }
  const valid = Number.isInteger(operationRetention ?? longest) && (operationRetention ?? longest) >= 1_000
  if (!valid || (operationRetention ?? longest) > longest) {
    throw new InvalidArgumentError(`operationRetention must be a whole number of milliseconds from 1000 to ${longest}`)
  }
  return { journal: checkJournal(journal), operationRetention }
}
