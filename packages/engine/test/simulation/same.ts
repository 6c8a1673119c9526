/** Whether two answers say the same; of failures the code counts. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one)) return Array.isArray(other) && sameItems(one, other)
  if ('code' in one || 'code' in other) return 'code' in one && 'code' in other && one.code === other.code
  const left = one as Record<string, unknown>
  const right = other as Record<string, unknown>
  for (const key in left) if (!same(left[key], right[key])) return false
  for (const key in right) if (!(key in left)) return false
  return true
}

function sameItems(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false
  return some.every((item, index) => same(item, others[index]))
}
