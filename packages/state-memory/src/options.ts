import { InvalidArgumentError } from '@lockstep/state'

export interface MemoryOptions {
  /** Milliseconds for the primary's host to answer when the link is opened, 1 to 60,000. Default 5,000. */
  readonly connectTimeout?: number
}

declare module '@lockstep/state' {
  interface AdapterOptions {
    memory: MemoryOptions
  }
}

/** The options, checked once. */
export function checkOptions(options: unknown): Required<MemoryOptions> {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new InvalidArgumentError('the options of memory() must be an object')
  }
  const { connectTimeout = 5_000, ...unknown } = (options ?? {}) as MemoryOptions
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined)
    throw new InvalidArgumentError(`memory() has no option ${stranger}; it knows connectTimeout`)
  if (!Number.isInteger(connectTimeout) || connectTimeout < 1 || connectTimeout > 60_000) {
    throw new InvalidArgumentError('connectTimeout must be a whole number of milliseconds from 1 to 60000')
  }
  return { connectTimeout }
}
