import { placement } from '@lockstep/state'

/** What a key holds. */
export type Kind = 'lock' | 'counter' | 'entry'

/**
 * Where things live: `lockstep:{cart:9}:lock`, and `lockstep:{42}:counter:stock:{42}` for a name with a tag of its own. All keys of one placement share its hash
 * tag, and so one slot of a Cluster; with a tag, the slot of your own keys that carry it.
 */
export class Keys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  of(kind: Kind, name: string): string {
    const tag = placement(name)
    return `${this.#prefix}{${escape(tag)}}:${kind}${tag === name ? '' : `:${name}`}`
  }

  /** Of a lock: the lock itself, its queue, and what is known of those who wait in it. */
  ofLock(name: string): [lock: string, queue: string, waiters: string] {
    const tag = placement(name)
    const base = `${this.#prefix}{${escape(tag)}}:`
    const rest = tag === name ? '' : `:${name}`
    return [`${base}lock${rest}`, `${base}queue${rest}`, `${base}waiters${rest}`]
  }

  /** The length keeps an id and the name behind it apart. */
  ofOperation(name: string, operationId: string): string {
    const tag = placement(name)
    return `${this.#prefix}{${escape(tag)}}:operation:${operationId.length}:${operationId}${tag === name ? '' : `:${name}`}`
  }

  /** The channel on which a client hears of offers. */
  ofWakes(client: string): string {
    return `${this.#prefix}wake:${client}`
  }
}

/** Redis ends the tag at the first `}`, and takes none that is empty. */
function escape(tag: string): string {
  return tag.includes('}') || tag.includes('%') ? tag.replaceAll('%', '%25').replaceAll('}', '%7D') : tag
}
