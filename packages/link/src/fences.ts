import type { Fence } from '@lockstep/state'
import { Fields } from './fields.ts'
import type { Wire } from './fields.ts'

export function encodeFence(fence: Fence | undefined): Wire {
  return fence === undefined ? null : [fence.name, fence.token]
}

/** `draft` with the fence that the next field holds, if it does. */
export function fenced<T extends { fence?: Fence | undefined }>(draft: T, fields: Fields): T {
  if (fields.absent()) return draft
  const fence = new Fields(fields.any())
  draft.fence = { name: fence.name(), token: fence.count() }
  fence.end()
  return draft
}
