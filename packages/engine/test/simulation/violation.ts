/** A promise was broken. The message says which. */
export class Violation extends Error {
  override readonly name: string = 'Violation'
}

export function violated(promise: string): never {
  throw new Violation(promise)
}
