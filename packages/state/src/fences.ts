import type { Fence } from './adapter.ts'
import type { CallOptions } from './calls.ts'
import { checkFence } from './checks.ts'
import { UnsupportedError } from './errors.ts'

export interface FencedOptions extends CallOptions {
  /** A lease, or its name and token: refused with `StaleTokenError` once a newer holder of that lock has been here. */
  readonly fence?: Fence | undefined
}

/** The checked fence of a call. */
export function fenceOf(
  options: FencedOptions | undefined,
  capabilities: { readonly fence: boolean } | false,
): Fence | undefined {
  if (options?.fence === undefined) return undefined
  const fence = checkFence(options.fence)
  if (capabilities !== false && !capabilities.fence) {
    throw new UnsupportedError('this adapter does not check fences; see capabilities')
  }
  return fence
}
