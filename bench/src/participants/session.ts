/** What a shop keeps of a visitor, 1.5 kB as JSON. */
export interface Session {
  readonly cookie: { readonly originalMaxAge: number; readonly expires: string; readonly path: string }
  readonly user: { readonly id: number; readonly name: string; readonly roles: readonly string[] }
  readonly cart: readonly { readonly product: string; readonly title: string; readonly quantity: number }[]
  readonly views: number
}

/** Milliseconds from now: an hour and some seconds, another number each time, for a row that stays as it is would not be written. */
export function sessionTtl(views: number): number {
  return 3_600_000 + (views % 3_600) * 1000
}

const user = { id: 4711, name: 'Ada Lovelace', roles: ['customer', 'reviewer'] }
const cart = Array.from({ length: 15 }, (_, index) => ({
  product: `product-${1000 + index}`,
  title: 'A thing that somebody may want one day',
  quantity: 1,
}))

/** The session at so many views: it differs each time. */
export function sessionAt(views: number): Session {
  const ttl = sessionTtl(views)
  return {
    cookie: { originalMaxAge: ttl, expires: new Date(Date.now() + ttl).toISOString(), path: '/' },
    user,
    cart,
    views,
  }
}
